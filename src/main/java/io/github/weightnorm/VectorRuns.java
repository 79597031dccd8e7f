package io.github.weightnorm;

import static io.github.weightnorm.Kernels.GROUP;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static jdk.incubator.vector.VectorOperators.MUL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorSpecies;

/** Products of runs that each belong to several channels, one after the other, and these channels' factors. */
final class VectorRuns {

    /** Eight floats, where a vector can hold them. */
    private static final VectorSpecies<Float> EIGHT = LANES == GROUP ? FLOATS : WIDE;
    private static final Class<? extends Vector<Float>> EIGHT_CLASS = EIGHT.vectorType();
    private static final boolean EIGHT_FLOATS = EIGHT.length() == GROUP;

    private VectorRuns() {}

    /** {@code w[i] = v[i]·factors[i]}, in float, for several runs. One after the other: four side by side took twice as long. */
    static void multiplyColumns(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int runs, int stride, int length) {
        int bound = WIDE.loopBound(length);
        for (int run = 0; run < runs; run++, vAt += stride, wAt += stride) {
            for (int i = 0; i < bound; i += WIDE.length()) {
                FloatVector x = (FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + i));
                x.lanewise(MUL, FloatVector.fromArray(WIDE, factors, factorsAt + i)).intoArray(w, wAt + i);
            }
            for (int i = bound; i < length; i++) {
                w[wAt + i] = v[vAt + i] * factors[factorsAt + i];
            }
        }
    }

    /** A run with 2 to 16 elements of each channel; returns how many channels are done. */
    static int multiply(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int channels, int length) {
        if (!EIGHT_FLOATS || length > 2 * GROUP) {
            return 0;
        }
        if (length > GROUP) {
            multiplyTwice(v, vAt, factors, factorsAt, w, wAt, channels, length);
            return channels;
        }
        int done = length == GROUP ? channels : Math.max(0, channels - GROUP);
        multiplyOnce(v, vAt, factors, factorsAt, w, wAt, done, length);
        return done;
    }

    /**
     * A vector for each channel. Where it goes over its end, the next one's writes over what it leaves there; so more of them have to
     * follow.
     */
    private static void multiplyOnce(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int channels, int length) {
        for (int channel = 0; channel < channels; channel++, vAt += length, wAt += length) {
            ((FloatVector) EIGHT_CLASS.cast(FloatVector.fromArray(EIGHT, v, vAt)))
                    .lanewise(MUL, FloatVector.broadcast(EIGHT, factors[factorsAt + channel])).intoArray(w, wAt);
        }
    }

    /** A vector for the beginning of each channel and one for its end. */
    private static void multiplyTwice(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int channels, int length) {
        int end = length - GROUP;
        for (int channel = 0; channel < channels; channel++, vAt += length, wAt += length) {
            FloatVector factor = FloatVector.broadcast(EIGHT, factors[factorsAt + channel]);
            ((FloatVector) EIGHT_CLASS.cast(FloatVector.fromArray(EIGHT, v, vAt))).lanewise(MUL, factor).intoArray(w, wAt);
            ((FloatVector) EIGHT_CLASS.cast(FloatVector.fromArray(EIGHT, v, vAt + end))).lanewise(MUL, factor).intoArray(w, wAt + end);
        }
    }
}
