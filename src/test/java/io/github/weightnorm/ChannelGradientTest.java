package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/** Where a channel stops being plain, and what its gradients are then. */
class ChannelGradientTest {

    private static final float UNWRITTEN = 77;

    /** The coefficients, or null for a channel that is not plain; ∇g is the third of them. */
    private static float[] coefficients(double squares, double products, double epsilon, float gain) {
        float[] dg = {UNWRITTEN};
        long coefficients = ChannelGradient.coefficients(squares, products, epsilon, gain, dg, 0);
        if (coefficients == ChannelGradient.NOT_PLAIN) {
            assertEquals(UNWRITTEN, dg[0]);
            return null;
        }
        return new float[] {ChannelGradient.scale(coefficients), ChannelGradient.projection(coefficients), dg[0]};
    }

    private static void assertPlain(boolean plain, double squares, double products, float gain) {
        assertEquals(plain, coefficients(squares, products, 0, gain) != null);
        assertEquals(plain, coefficients(squares, -products, 0, -gain) != null);
    }

    @Test
    void theFormula() {
        float[] of = coefficients(25, 10, 0, 15);
        assertEquals(3f, of[0]);
        assertEquals(0.4f, of[1]);
        assertEquals(2f, of[2]);
        // √(16 + 9) = 5, and 10/25.
        float[] withEpsilon = coefficients(16, 10, 9, -15);
        assertEquals(-3f, withEpsilon[0]);
        assertEquals(0.4f, withEpsilon[1]);
        assertEquals(2f, withEpsilon[2]);
    }

    @Test
    void aProjectionOfNothingIsPlain() {
        float[] of = coefficients(4, 0, 0, 1);
        assertEquals(0.5f, of[0]);
        assertEquals(0f, of[1]);
        assertEquals(0f, of[2]);
    }

    @Test
    void theScaleIsThatOfTheWeight() {
        assertPlain(false, 1, 1, 0);
        assertPlain(false, 1, 1, 0x1p-127f);
        assertPlain(true, 1, 1, Float.MIN_NORMAL);
        assertPlain(true, 1, 1, 0x1p127f);
        assertPlain(false, 1, 1, Float.MAX_VALUE);
        assertPlain(false, 0, 0, 1);
    }

    @Test
    void thePartAlongVIsNeitherTooSmallNorTooLarge() {
        assertPlain(true, 1, 0x1p102, 1);
        assertPlain(false, 1, Math.nextUp(0x1p102), 1);
        assertPlain(true, 1, 0x1p-100, 1);
        assertPlain(false, 1, Math.nextDown(0x1p-100), 1);
    }

    @Test
    void theProjectionIsANormalFloat() {
        // ‖v‖ = 2^100, and the part along it 2^-26 and 2^-27: the projection is 2^-126, and half of it.
        assertPlain(true, 0x1p200, 0x1p74, 1);
        assertPlain(false, 0x1p200, 0x1p73, 1);
        // ‖v‖ = 2^-30, and the part 2^97 and 2^98: the projection is 2^127, and twice of it, which is no float.
        assertPlain(true, 0x1p-60, 0x1p67, 1);
        assertPlain(false, 0x1p-60, 0x1p68, 1);
    }

    @Test
    void whatIsNotFiniteIsNotPlain() {
        assertPlain(false, Double.POSITIVE_INFINITY, 1, 1);
        assertPlain(false, Double.NaN, 1, 1);
        assertPlain(false, 1, Double.POSITIVE_INFINITY, 1);
        assertPlain(false, 1, Double.NaN, 1);
        assertPlain(false, 1, 1, Float.NaN);
        assertPlain(false, 1, 1, Float.POSITIVE_INFINITY);
    }

    @Test
    void coefficientsKeepTheirSignsApart() {
        float[] of = coefficients(1, -0.25, 0, 3);
        assertEquals(3f, of[0]);
        assertEquals(-0.25f, of[1]);
        assertNotEquals(ChannelGradient.NOT_PLAIN, ChannelGradient.coefficients(1, -0.25, 0, 3, new float[1], 0));
    }

    @Test
    void inDouble() {
        assertEquals(0f, ChannelGradient.ofGain(0, Double.NaN));
        assertEquals(2f, ChannelGradient.ofGain(5, 10));
        assertEquals(Float.floatToRawIntBits(Float.NaN), Float.floatToRawIntBits(ChannelGradient.ofGain(Double.NaN, 1)));
        assertEquals(-1f, ChannelGradient.ofElement(1, 2, 0.5, 1.5));
        // 1e38 less 3e38, and that by 1e-60.
        assertEquals(-2e-22f, ChannelGradient.ofElement(1e38f, 3, 1e-60, 1e38), 1e-28f);
        assertEquals(Float.NEGATIVE_INFINITY, ChannelGradient.ofElement(0, 1, 1, 1e39));
    }
}
