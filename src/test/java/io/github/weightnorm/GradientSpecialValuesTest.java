package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.properties.Reference;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients with zeros, NaN, infinities and the ends of the range in one channel; the channels around it must not notice. */
class GradientSpecialValuesTest {

    private static final int SPECIAL = 20;

    static Stream<WeightNorm> layers() {
        return SpecialValuesTest.layers();
    }

    /** One layer's arrays: plain numbers but for the special channel's. */
    private static final class Case {
        final WeightNorm layer;
        final int[] channels;
        final float[] weightGradient;
        final float[] v;
        final float[] g;
        final float[] vGradient;
        final float[] gGradient;

        Case(WeightNorm layer) {
            this.layer = layer;
            channels = Reference.channels(layer.shape(), layer.keptAxis());
            weightGradient = Samples.floats(layer.size(), 1, 2);
            v = Samples.floats(layer.size(), 2, 2);
            g = Samples.floats(layer.channelCount(), 3, 2);
            vGradient = new float[v.length];
            gGradient = new float[g.length];
        }

        Case fill(float[] array, float... special) {
            int next = 0;
            for (int i = 0; i < array.length; i++) {
                if (channels[i] == SPECIAL) {
                    array[i] = special[next++ % special.length];
                }
            }
            return this;
        }

        /** Computes, and makes sure that the other channels have what they had with plain numbers in this one. */
        Case gradients() {
            layer.gradients(weightGradient, v, g, vGradient, gGradient);
            Case plain = new Case(layer);
            layer.gradients(plain.weightGradient, plain.v, plain.g, plain.vGradient, plain.gGradient);
            for (int i = 0; i < v.length; i++) {
                if (channels[i] == SPECIAL) {
                    plain.vGradient[i] = vGradient[i];
                }
            }
            plain.gGradient[SPECIAL] = gGradient[SPECIAL];
            Reference.assertSameBits("∇v", plain.vGradient, vGradient);
            Reference.assertSameBits("∇g", plain.gGradient, gGradient);
            return this;
        }

        void assertEach(float expected) {
            for (int i = 0; i < v.length; i++) {
                if (channels[i] == SPECIAL) {
                    assertEquals(Float.floatToRawIntBits(expected), Float.floatToRawIntBits(vGradient[i]), () -> "∇v of " + layer);
                }
            }
            assertEquals(Float.floatToRawIntBits(expected), Float.floatToRawIntBits(gGradient[SPECIAL]), () -> "∇g of " + layer);
        }

        /** Fails if an element of the special channel is not close to the formula in double. */
        void assertFormula() {
            double squares = 0;
            double products = 0;
            for (int i = 0; i < v.length; i++) {
                if (channels[i] == SPECIAL) {
                    squares += (double) v[i] * v[i];
                    products += (double) weightGradient[i] * v[i];
                }
            }
            double norm = Math.sqrt(squares);
            assertEquals(products / norm, gGradient[SPECIAL], Math.abs(products / norm) * 1e-7 + Float.MIN_VALUE);
            for (int i = 0; i < v.length; i++) {
                if (channels[i] == SPECIAL) {
                    double own = g[SPECIAL] / norm * weightGradient[i];
                    double part = g[SPECIAL] / norm * (products / squares) * v[i];
                    double bound = 3e-7 * (Math.abs(own) + Math.abs(part)) + Float.MIN_VALUE;
                    assertEquals(own - part, vGradient[i], bound, () -> "∇v of " + layer);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void aChannelOfZerosHasGradientsOfZero(WeightNorm layer) {
        Case zeros = new Case(layer);
        zeros.fill(zeros.v, 0, -0f).gradients().assertEach(0);
        zeros.fill(zeros.weightGradient, Float.NaN, Float.POSITIVE_INFINITY).gradients().assertEach(0);
        zeros.g[SPECIAL] = Float.NaN;
        zeros.gradients().assertEach(0);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void butNotWithAnEpsilon(WeightNorm layer) {
        Case zeros = new Case(layer.epsilon(0.25));
        zeros.g[SPECIAL] = 3;
        zeros.fill(zeros.v, 0).fill(zeros.weightGradient, 2).gradients();
        for (int i = 0; i < zeros.v.length; i++) {
            assertTrue(zeros.channels[i] != SPECIAL || zeros.vGradient[i] == 12);
        }
        assertEquals(0f, zeros.gGradient[SPECIAL]);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void nanStaysInItsChannel(WeightNorm layer) {
        // Not the NaN that Java has: its own must not show in the results.
        float payload = Float.intBitsToFloat(0xffc00001);
        Case inV = new Case(layer);
        inV.fill(inV.v, payload, 1, 2).gradients().assertEach(Float.NaN);
        Case inGradient = new Case(layer);
        inGradient.fill(inGradient.weightGradient, payload, 1, 2).gradients().assertEach(Float.NaN);
        Case inGain = new Case(layer);
        inGain.g[SPECIAL] = payload;
        inGain.gradients();
        for (int i = 0; i < inGain.v.length; i++) {
            assertTrue(inGain.channels[i] != SPECIAL || Float.floatToRawIntBits(inGain.vGradient[i]) == 0x7fc00000);
        }
        assertTrue(Float.isFinite(inGain.gGradient[SPECIAL]));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void infinityStaysInItsChannel(WeightNorm layer) {
        Case inV = new Case(layer);
        inV.fill(inV.v, Float.POSITIVE_INFINITY, 1, 2).gradients();
        assertTrue(Float.isNaN(inV.gGradient[SPECIAL]));
        Case inGradient = new Case(layer);
        inGradient.fill(inGradient.v, 1, 2).fill(inGradient.weightGradient, Float.NEGATIVE_INFINITY, 1).gradients();
        assertEquals(Float.NEGATIVE_INFINITY, inGradient.gGradient[SPECIAL]);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void theEndsOfTheRange(WeightNorm layer) {
        float[][] magnitudes = {{1e-45f, 3e-45f, -1e-40f}, {1e-40f, 2e-38f, -1e-38f}, {1e38f, -3e38f, 2e38f}, {1e-30f, 2e-30f, -5e-30f},
            {1e30f, -2e30f, 3e30f}, {1, -2, 3}};
        for (float[] ofV : magnitudes) {
            for (float[] ofGradient : magnitudes) {
                for (float gain : new float[] {1e-38f, 1e-20f, 1, 1e20f, 3e38f}) {
                    Case extreme = new Case(layer);
                    extreme.g[SPECIAL] = gain;
                    extreme.fill(extreme.v, ofV).fill(extreme.weightGradient, ofGradient[1], ofGradient[0], ofGradient[2], -ofGradient[1]);
                    extreme.gradients();
                    if (Float.isFinite(sum(extreme.vGradient)) && Float.isFinite(sum(extreme.gGradient))) {
                        extreme.assertFormula();
                    }
                }
            }
        }
    }

    /** Gains of 0, as some initialisations have them: ∇g is as ever, ∇v is 0. */
    @ParameterizedTest
    @MethodSource("layers")
    void aGainOfZero(WeightNorm layer) {
        Case off = new Case(layer);
        off.g[SPECIAL] = 0;
        off.gradients().assertFormula();
    }

    private static float sum(float[] values) {
        float sum = 0;
        for (float value : values) {
            sum += Math.abs(value) * 0x1p-20f;
        }
        return sum;
    }
}
