package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.properties.Reference;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Zeros, NaN, infinities and the ends of the range, in the channel in the middle of every kind of layout: a lane of a vector, a row, a
 * tail. The channels around it hold plain numbers and must not notice.
 */
class SpecialValuesTest {

    private static final int SPECIAL = 20;

    static Stream<WeightNorm> layers() {
        return Stream.of(WeightNorm.linear(41, 1), WeightNorm.linear(41, 7), WeightNorm.linear(41, 8), WeightNorm.linear(41, 75),
                WeightNorm.of(new int[] {9, 41}, 1), WeightNorm.of(new int[] {9, 141}, 1), WeightNorm.of(new int[] {5, 41, 3}, 1),
                WeightNorm.of(new int[] {5, 41, 19}, 1));
    }

    /** One layer's arrays: plain numbers but for the special channel's. */
    private static final class Case {
        final WeightNorm layer;
        final int[] channels;
        final float[] v;
        final float[] g;
        final float[] w;
        final float[] norms;
        final float[] scales;

        Case(WeightNorm layer, float gain, float... special) {
            this.layer = layer;
            channels = Reference.channels(layer.shape(), layer.keptAxis());
            v = new float[layer.size()];
            g = new float[layer.channelCount()];
            w = new float[v.length];
            norms = new float[g.length];
            scales = new float[g.length];
            int next = 0;
            for (int i = 0; i < v.length; i++) {
                v[i] = channels[i] == SPECIAL ? special[next++ % special.length] : 0.5f + i % 3;
            }
            Arrays.fill(g, 2);
            g[SPECIAL] = gain;
            layer.reconstruct(v, g, w);
            layer.norms(v, norms);
            layer.scales(v, g, scales);
            othersAreRight();
        }

        private void othersAreRight() {
            double[] truth = Reference.norms(v, channels, g.length, 0);
            for (int c = 0; c < g.length; c++) {
                assertTrue(c == SPECIAL || Math.abs(norms[c] - truth[c]) <= Math.ulp(norms[c]), () -> "norms of " + layer);
            }
            for (int i = 0; i < v.length; i++) {
                double expected = 2 / truth[channels[i]] * v[i];
                assertTrue(channels[i] == SPECIAL || Math.abs(w[i] - expected) <= 2 * Math.ulp(w[i]), () -> "weights of " + layer);
            }
        }

        float[] special(float[] array) {
            float[] of = new float[layer.size() / layer.channelCount()];
            int next = 0;
            for (int i = 0; i < array.length; i++) {
                if (channels[i] == SPECIAL) {
                    of[next++] = array[i];
                }
            }
            return of;
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aChannelOfZerosGivesZeros(WeightNorm layer) {
        for (float gain : new float[] {3, 0, Float.NaN, Float.NEGATIVE_INFINITY}) {
            Case arrays = new Case(layer, gain, 0f);
            assertEquals(0f, arrays.norms[SPECIAL]);
            assertEquals(0f, arrays.scales[SPECIAL]);
            Reference.assertSameBits("w", new float[arrays.special(arrays.w).length], arrays.special(arrays.w));
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aChannelOfZerosWithEpsilonGivesZerosToo(WeightNorm layer) {
        Case arrays = new Case(layer.epsilon(0x1p-80), 3, 0f);
        assertEquals(0x1p-40f, arrays.norms[SPECIAL]);
        assertEquals(0x3p40f, arrays.scales[SPECIAL]);
        Reference.assertSameBits("w", new float[arrays.special(arrays.w).length], arrays.special(arrays.w));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void nanSpreadsThroughItsChannel(WeightNorm layer) {
        // Another payload and sign than Float.NaN's: neither may come through.
        float odd = Float.intBitsToFloat(0xffc12345);
        for (Case arrays : new Case[] {new Case(layer, 3, odd, 1f), new Case(layer, odd, 1f, 2f)}) {
            float[] all = new float[arrays.special(arrays.w).length];
            Arrays.fill(all, Float.NaN);
            Reference.assertSameBits("w", all, arrays.special(arrays.w));
            Reference.assertSameBits("scale", new float[] {Float.NaN}, new float[] {arrays.scales[SPECIAL]});
        }
        float[] norms = new Case(layer, 3, odd, 1f).norms;
        Reference.assertSameBits("norm", new float[] {Float.NaN}, new float[] {norms[SPECIAL]});
    }

    @ParameterizedTest
    @MethodSource("layers")
    void infinityMakesANormInfinite(WeightNorm layer) {
        Case arrays = new Case(layer, 3, Float.NEGATIVE_INFINITY, 1f);
        assertEquals(Float.POSITIVE_INFINITY, arrays.norms[SPECIAL]);
        assertEquals(0f, arrays.scales[SPECIAL]);
        float[] expected = arrays.special(arrays.v);
        for (int i = 0; i < expected.length; i++) {
            expected[i] = expected[i] == 1 ? 0 : Float.NaN;
        }
        Reference.assertSameBits("w", expected, arrays.special(arrays.w));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void anInfiniteGainMakesWeightsInfinite(WeightNorm layer) {
        Case arrays = new Case(layer, Float.NEGATIVE_INFINITY, 1f, -2f);
        assertEquals(Float.NEGATIVE_INFINITY, arrays.scales[SPECIAL]);
        for (float weight : arrays.special(arrays.w)) {
            assertTrue(Float.isInfinite(weight));
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void theLargestFloatsDoNotOverflow(WeightNorm layer) {
        isRight(new Case(layer, 1, Float.MAX_VALUE, -Float.MAX_VALUE));
        isRight(new Case(layer, Float.MAX_VALUE, 3f, -3f, 2f));
        isRight(new Case(layer, -Float.MAX_VALUE, Float.MIN_VALUE));
        isRight(new Case(layer, Float.MAX_VALUE, Float.MAX_VALUE, 1f));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void theSmallestFloatsDoNotUnderflow(WeightNorm layer) {
        isRight(new Case(layer, 1, 1e-40f, -3e-41f));
        isRight(new Case(layer, 1, Float.MIN_VALUE));
        isRight(new Case(layer, 1e-20f, 1e30f, 2e30f));
        isRight(new Case(layer, 2e30f, 3e-30f, 1e-30f));
        isRight(new Case(layer, 1, 3e38f, 1e-38f));
    }

    /** Within the contract of exact arithmetic, as near as double comes to it, wherever the result is normal. */
    private static void isRight(Case arrays) {
        double norm = Reference.norms(arrays.v, arrays.channels, arrays.g.length, 0)[SPECIAL];
        if (norm <= Float.MAX_VALUE) {
            Reference.assertWithinUlp("norm", new double[] {norm}, new float[] {arrays.norms[SPECIAL]}, 0.501);
        } else {
            assertEquals(Float.POSITIVE_INFINITY, arrays.norms[SPECIAL]);
        }
        float[] v = arrays.special(arrays.v);
        float[] w = arrays.special(arrays.w);
        for (int i = 0; i < v.length; i++) {
            double expected = v[i] * (arrays.g[SPECIAL] / norm);
            double ulps = Math.abs(expected) < Float.MIN_NORMAL ? 1 : 1.5;
            Reference.assertWithinUlp("w", new double[] {expected}, new float[] {w[i]}, ulps);
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aGainOfZeroGivesZeros(WeightNorm layer) {
        for (float weight : new Case(layer, 0, 1f, -2f, 1e30f).w) {
            assertTrue(Float.isFinite(weight));
        }
        for (float weight : new Case(layer, 0, 1f, 2f).special(new Case(layer, 0, 1f, 2f).w)) {
            assertEquals(0f, weight);
        }
    }
}
