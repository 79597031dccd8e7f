package io.github.weightnorm;

import static io.github.weightnorm.Kernels.GROUP;
import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.DOWN_BY_1;
import static io.github.weightnorm.VectorLanes.DOWN_BY_2;
import static io.github.weightnorm.VectorLanes.DOWN_BY_4;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FLOATS_CLASS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.ONES;
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.DIV;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.IS_NAN;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.SQRT;

import io.github.weightnorm.Kernels.Output;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Channels that are spread over memory, as many runs of a few elements. Lane = channel where a run is one element, and lane = partial sum
 * where it is one group or two.
 *
 * <p>The way through memory decides here. A strip of channels, run after run, takes a cache line or two of each page, and misses the
 * caches with most. Runs taken whole follow each other as memory does, but have more sums than there are registers. So the sums lie in
 * the output, where the last runs' weights will be, two floats' bits to a double; they are in the first-level cache all the while.
 * That needs an output of the weight's size, apart from the input; all else goes strip by strip.
 */
final class VectorColumns {

    /** Sums in memory are four or eight to a vector. */
    private static final boolean SUPPORTED = LANES > 2;
    /** Two lanes' masks become objects; and on JDK 17 all masks do, and products in a loop by a vector from before it. */
    static final boolean COLUMNS = SUPPORTED && Runtime.version().feature() >= 25;
    /** Channels in a strip: four vectors, or two where the strip needs a second loop. With more, C2 does not keep all in registers. */
    private static final int STRIP = 4 * LANES;
    private static final int STRIP_IN_PLACE = 2 * LANES;
    /**
     * Runs so far apart are streams that the CPU reads ahead in, several at once. Of shorter ones it reads four side by side twice as
     * slowly as one after the other, where they come from memory.
     */
    private static final int SHORTEST_STREAM = 1024;
    /** Runs added at a time, for each time that the sums are loaded and stored. */
    private static final int RUNS = 4;

    private VectorColumns() {}

    /**
     * Does {@link Kernels#factorsRunByRun} for runs of one element, a group, or two groups: a channel then has one sum or eight. Two
     * runs before the last hold the sums, each those of half of the channels; or one, where it has the room.
     */
    static int factors(WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset,
            int factorsOffset) {
        Layout layout = layer.layout;
        int length = layout.inner();
        boolean twoGroups = length == 2 * GROUP && LANES == GROUP;
        boolean fits = length == 1 && COLUMNS || length == GROUP || twoGroups;
        if (!SUPPORTED || !fits || layout.outer() < RUNS) {
            return from;
        }
        boolean whole = twoGroups || to - from == layout.channels();
        int parts = whole ? 1 : 2;
        int lanesEach = length == 1 ? LANES : 1;
        int channels = (to - from) / parts / lanesEach * lanesEach;
        int runOfSums = layout.outer() - (twoGroups ? 2 : 3);
        for (int part = 0; part < parts; part++) {
            int sumsAt = wOffset + (runOfSums + part) * layout.stride() + from * length;
            factorsOfPart(layer, from + part * channels, channels, v, vOffset, g, gOffset, w, sumsAt, factorsOffset);
        }
        return from + parts * channels;
    }

    private static void factorsOfPart(WeightNorm layer, int from, int channels, float[] v, int vOffset, float[] g, int gOffset,
            float[] w, int sumsAt, int factorsOffset) {
        Layout layout = layer.layout;
        int length = layout.inner();
        int at = vOffset + from * length;
        int elements = channels * length;
        Arrays.fill(w, sumsAt, sumsAt + 2 * channels * (length == 1 ? 1 : GROUP), 0);
        if (length == 2 * GROUP) {
            int together = layout.outer() & -2;
            addTwoGroups(v, at, together, layout.stride(), w, sumsAt, elements);
            if (together < layout.outer()) {
                addTwoGroupsOfOne(v, at + together * layout.stride(), w, sumsAt, elements);
            }
        } else {
            int together = layout.stride() < SHORTEST_STREAM ? 0 : layout.outer() & -RUNS;
            addFour(v, at, together, layout.stride(), w, sumsAt, elements);
            addEach(v, at + together * layout.stride(), layout.outer() - together, layout.stride(), w, sumsAt, elements);
        }
        if (length > 1) {
            fold(layer.epsilon, w, sumsAt, g, gOffset + from, w, factorsOffset + from, channels);
        } else if (g == null) {
            divide(layer.epsilon, w, sumsAt, ONES, 0, 0, w, factorsOffset + from, channels);
        } else {
            divide(layer.epsilon, w, sumsAt, g, gOffset + from, 1, w, factorsOffset + from, channels);
        }
    }

    /** Adds the squares of {@code runs} runs, a multiple of four: {@code sums[i] += v[i]²} in the order of the runs. */
    private static void addFour(float[] v, int at, int runs, int stride, float[] w, int sumsAt, int elements) {
        for (int run = 0; run < runs; run += RUNS, at += RUNS * stride) {
            for (int i = 0; i < elements; i += LANES) {
                DoubleVector sums = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 2 * i))).reinterpretAsDoubles();
                DoubleVector x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i + stride).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i + 2 * stride).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i + 3 * stride).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                ((FloatVector) WIDE_CLASS.cast(sums.reinterpretAsFloats())).intoArray(w, sumsAt + 2 * i);
            }
        }
    }

    /** The same for any number of runs, one after the other. */
    private static void addEach(float[] v, int at, int runs, int stride, float[] w, int sumsAt, int elements) {
        for (int run = 0; run < runs; run++, at += stride) {
            for (int i = 0; i < elements; i += LANES) {
                DoubleVector sums = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 2 * i))).reinterpretAsDoubles();
                DoubleVector x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                ((FloatVector) WIDE_CLASS.cast(sums.reinterpretAsFloats())).intoArray(w, sumsAt + 2 * i);
            }
        }
    }

    /** The same for runs of two groups, an even number of runs: both groups of a channel go to its eight sums. */
    private static void addTwoGroups(float[] v, int at, int runs, int stride, float[] w, int sumsAt, int elements) {
        for (int run = 0; run < runs; run += 2, at += 2 * stride) {
            for (int i = 0; i < elements; i += 2 * GROUP) {
                DoubleVector sums = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + i))).reinterpretAsDoubles();
                DoubleVector x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i + GROUP).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i + stride).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i + stride + GROUP).convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
                ((FloatVector) WIDE_CLASS.cast(sums.reinterpretAsFloats())).intoArray(w, sumsAt + i);
            }
        }
    }

    private static void addTwoGroupsOfOne(float[] v, int at, float[] w, int sumsAt, int elements) {
        for (int i = 0; i < elements; i += 2 * GROUP) {
            DoubleVector sums = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + i))).reinterpretAsDoubles();
            DoubleVector x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + i + GROUP).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            ((FloatVector) WIDE_CLASS.cast(sums.reinterpretAsFloats())).intoArray(w, sumsAt + i);
        }
    }

    /** Factors of channels with one sum each. */
    private static void divide(double epsilon, float[] w, int sumsAt, float[] gains, int gainAt, int gainStep, float[] out, int outAt,
            int channels) {
        DoubleVector epsilons = DoubleVector.broadcast(DOUBLES, epsilon);
        for (int i = 0; i < channels; i += LANES) {
            DoubleVector sums = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 2 * i))).reinterpretAsDoubles();
            FloatVector gain = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, gains, gainAt + i * gainStep));
            DoubleVector quotient = ((DoubleVector) gain.convertShape(F2D, DOUBLES, 0))
                    .lanewise(DIV, sums.lanewise(ADD, epsilons).lanewise(SQRT));
            FloatVector factor = (FloatVector) FLOATS_CLASS.cast(quotient.convertShape(D2F, FLOATS, 0));
            // As Channel.plainFactor has it.
            FloatVector magnitude = factor.lanewise(ABS);
            VectorMask<Float> plain = magnitude.compare(GE, FloatVector.broadcast(FLOATS, Channel.SMALLEST_FACTOR))
                    .and(magnitude.compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_FACTOR)))
                    .and(gain.lanewise(ABS).compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_GAIN)));
            FloatVector.broadcast(FLOATS, Float.NaN).blend(factor, plain).intoArray(out, outAt + i);
        }
    }

    /** Factors of channels with eight sums each, once these are folded 8→4→2→1. */
    private static void fold(double epsilon, float[] w, int sumsAt, float[] g, int gAt, float[] out, int outAt, int channels) {
        for (int channel = 0; channel < channels; channel++) {
            int at = sumsAt + channel * 2 * GROUP;
            DoubleVector sums = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, at))).reinterpretAsDoubles();
            if (LANES == GROUP) {
                sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_4));
            } else {
                sums = sums.lanewise(ADD, ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, at + 2 * LANES))).reinterpretAsDoubles());
            }
            sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_2));
            double sum = sums.lanewise(ADD, sums.rearrange(DOWN_BY_1)).lane(0);
            out[outAt + channel] = Kernels.value(Output.FACTOR, sum, epsilon, g, gAt + channel);
        }
    }

    /** How many channels {@link #strip} takes at once, or 1 if it is not for such a layout. */
    static int stripWidth(Output output, Layout layout, int channels) {
        int width = output == Output.WEIGHT ? STRIP_IN_PLACE : STRIP;
        return COLUMNS && layout.inner() == 1 && channels >= width ? width : 1;
    }

    /** Norms, scales or factors of a strip of columns. Sums and norms stay in registers from the pass over it to what is written. */
    static boolean strip(Output output, WeightNorm layer, int channel, float[] v, int vOffset, float[] g, int gOffset, float[] out,
            int outOffset) {
        int runs = layer.layout.outer();
        int stride = layer.layout.stride();
        DoubleVector sums0 = DoubleVector.zero(DOUBLES);
        DoubleVector sums1 = sums0;
        DoubleVector sums2 = sums0;
        DoubleVector sums3 = sums0;
        DoubleVector x;
        for (int run = 0, at = vOffset + channel; run < runs; run++, at += stride) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at).convertShape(F2D, DOUBLES, 0);
            sums0 = FUSED ? x.lanewise(FMA, x, sums0) : sums0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + LANES).convertShape(F2D, DOUBLES, 0);
            sums1 = FUSED ? x.lanewise(FMA, x, sums1) : sums1.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + 2 * LANES).convertShape(F2D, DOUBLES, 0);
            sums2 = FUSED ? x.lanewise(FMA, x, sums2) : sums2.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + 3 * LANES).convertShape(F2D, DOUBLES, 0);
            sums3 = FUSED ? x.lanewise(FMA, x, sums3) : sums3.lanewise(ADD, x.lanewise(MUL, x));
        }
        DoubleVector epsilon = DoubleVector.broadcast(DOUBLES, layer.epsilon);
        DoubleVector norms0 = sums0.lanewise(ADD, epsilon).lanewise(SQRT);
        DoubleVector norms1 = sums1.lanewise(ADD, epsilon).lanewise(SQRT);
        DoubleVector norms2 = sums2.lanewise(ADD, epsilon).lanewise(SQRT);
        DoubleVector norms3 = sums3.lanewise(ADD, epsilon).lanewise(SQRT);
        int outAt = outOffset + channel;
        if (output == Output.NORM) {
            DoubleVector total = norms0.lanewise(ADD, norms1).lanewise(ADD, norms2.lanewise(ADD, norms3));
            if (total.test(IS_NAN).anyTrue()) {
                return false;
            }
            // No norm is negative: ABS only makes the type exact, for intoArray.
            ((FloatVector) norms0.convertShape(D2F, FLOATS, 0)).lanewise(ABS).intoArray(out, outAt);
            ((FloatVector) norms1.convertShape(D2F, FLOATS, 0)).lanewise(ABS).intoArray(out, outAt + LANES);
            ((FloatVector) norms2.convertShape(D2F, FLOATS, 0)).lanewise(ABS).intoArray(out, outAt + 2 * LANES);
            ((FloatVector) norms3.convertShape(D2F, FLOATS, 0)).lanewise(ABS).intoArray(out, outAt + 3 * LANES);
            return true;
        }

        float[] gains = g == null ? ONES : g;
        int gainAt = g == null ? 0 : gOffset + channel;
        x = (DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt).convertShape(F2D, DOUBLES, 0);
        FloatVector factors0 = (FloatVector) x.lanewise(DIV, norms0).convertShape(D2F, FLOATS, 0);
        x = (DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt + LANES).convertShape(F2D, DOUBLES, 0);
        FloatVector factors1 = (FloatVector) x.lanewise(DIV, norms1).convertShape(D2F, FLOATS, 0);
        x = (DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt + 2 * LANES).convertShape(F2D, DOUBLES, 0);
        FloatVector factors2 = (FloatVector) x.lanewise(DIV, norms2).convertShape(D2F, FLOATS, 0);
        x = (DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt + 3 * LANES).convertShape(F2D, DOUBLES, 0);
        FloatVector factors3 = (FloatVector) x.lanewise(DIV, norms3).convertShape(D2F, FLOATS, 0);

        // As Channel.plainFactor has it, for all at once. A NaN among them passes neither comparison.
        FloatVector smallest = factors0.lanewise(ABS).lanewise(MIN, factors1.lanewise(ABS))
                .lanewise(MIN, factors2.lanewise(ABS).lanewise(MIN, factors3.lanewise(ABS)));
        FloatVector largest = factors0.lanewise(ABS).lanewise(MAX, factors1.lanewise(ABS))
                .lanewise(MAX, factors2.lanewise(ABS).lanewise(MAX, factors3.lanewise(ABS)));
        if (!smallest.compare(GE, FloatVector.broadcast(FLOATS, Channel.SMALLEST_FACTOR)).allTrue()
                || !largest.compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_FACTOR)).allTrue()
                || !gainsArePlain(gains, gainAt, STRIP)) {
            return false;
        }
        factors0.intoArray(out, outAt);
        factors1.intoArray(out, outAt + LANES);
        factors2.intoArray(out, outAt + 2 * LANES);
        factors3.intoArray(out, outAt + 3 * LANES);
        return true;
    }

    /** Weights of a strip of columns in place. */
    static boolean stripInPlace(WeightNorm layer, int channel, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
        int runs = layer.layout.outer();
        int stride = layer.layout.stride();
        DoubleVector sums0 = DoubleVector.zero(DOUBLES);
        DoubleVector sums1 = sums0;
        DoubleVector x;
        for (int run = 0, at = vOffset + channel; run < runs; run++, at += stride) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at).convertShape(F2D, DOUBLES, 0);
            sums0 = FUSED ? x.lanewise(FMA, x, sums0) : sums0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + LANES).convertShape(F2D, DOUBLES, 0);
            sums1 = FUSED ? x.lanewise(FMA, x, sums1) : sums1.lanewise(ADD, x.lanewise(MUL, x));
        }
        DoubleVector epsilon = DoubleVector.broadcast(DOUBLES, layer.epsilon);
        float[] gains = g == null ? ONES : g;
        int gainAt = g == null ? 0 : gOffset + channel;
        x = ((DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt).convertShape(F2D, DOUBLES, 0))
                .lanewise(DIV, sums0.lanewise(ADD, epsilon).lanewise(SQRT));
        FloatVector factors0 = (FloatVector) FLOATS_CLASS.cast(x.convertShape(D2F, FLOATS, 0));
        x = ((DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt + LANES).convertShape(F2D, DOUBLES, 0))
                .lanewise(DIV, sums1.lanewise(ADD, epsilon).lanewise(SQRT));
        FloatVector factors1 = (FloatVector) FLOATS_CLASS.cast(x.convertShape(D2F, FLOATS, 0));
        FloatVector smallest = factors0.lanewise(ABS).lanewise(MIN, factors1.lanewise(ABS));
        FloatVector largest = factors0.lanewise(ABS).lanewise(MAX, factors1.lanewise(ABS));
        if (!smallest.compare(GE, FloatVector.broadcast(FLOATS, Channel.SMALLEST_FACTOR)).allTrue()
                || !largest.compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_FACTOR)).allTrue()
                || !gainsArePlain(gains, gainAt, STRIP_IN_PLACE)) {
            return false;
        }
        int vAt = vOffset + channel;
        int wAt = wOffset + channel;
        for (int run = 0; run < runs; run++, vAt += stride, wAt += stride) {
            ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt))).lanewise(MUL, factors0).intoArray(w, wAt);
            ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt + LANES))).lanewise(MUL, factors1)
                    .intoArray(w, wAt + LANES);
        }
        return true;
    }

    private static boolean gainsArePlain(float[] gains, int at, int channels) {
        float largest = 0;
        for (int i = 0; i < channels; i++) {
            largest = Math.max(largest, Math.abs(gains[at + i]));
        }
        return largest <= Channel.LARGEST_GAIN;
    }
}
