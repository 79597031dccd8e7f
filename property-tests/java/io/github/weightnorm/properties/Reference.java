package io.github.weightnorm.properties;

/**
 * Weight normalization once more, as a textbook has it and in exact arithmetic: a loop over all elements in the order of the shape,
 * with the channel of each found from its index. It shares nothing with a kernel, neither layouts nor order of summation.
 *
 * <p>Norms are exact up to one rounding to double, and weights up to two more: less than a hundred-millionth of a float's last place.
 */
public final class Reference {

    private Reference() {}

    /**
     * The channel of each element of a shape.
     *
     * @param shape the sizes
     * @param keptAxis the axis, or −1: all are channel 0
     * @return an index for each element
     */
    public static int[] channels(int[] shape, int keptAxis) {
        int size = 1;
        for (int length : shape) {
            size *= length;
        }
        int[] channels = new int[size];
        for (int i = 0; i < size; i++) {
            int index = i;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                if (axis == keptAxis) {
                    channels[i] = index % shape[axis];
                }
                index /= shape[axis];
            }
        }
        return channels;
    }

    /**
     * The norms {@code √(Σv² + ε)}; infinite or NaN where an element is.
     *
     * @param v the elements
     * @param channels the channel of each
     * @param channelCount the number of channels
     * @param epsilon ε
     * @return a norm for each channel
     */
    public static double[] norms(float[] v, int[] channels, int channelCount, double epsilon) {
        ExactSum[] sums = new ExactSum[channelCount];
        for (int c = 0; c < channelCount; c++) {
            sums[c] = new ExactSum();
        }
        for (int i = 0; i < v.length; i++) {
            sums[channels[i]].addSquare(v[i]);
        }
        double[] norms = new double[channelCount];
        for (int c = 0; c < channelCount; c++) {
            norms[c] = sums[c].norm(epsilon);
        }
        return norms;
    }

    /**
     * {@code g·v/‖v‖}, and 0 in a channel of zeros.
     *
     * @param v the elements
     * @param g the gains
     * @param norms the norms
     * @param channels the channel of each element
     * @return a weight for each element
     */
    public static double[] weights(float[] v, float[] g, double[] norms, int[] channels) {
        double[] weights = new double[v.length];
        for (int i = 0; i < v.length; i++) {
            int c = channels[i];
            // The product of two floats is exact in double.
            weights[i] = norms[c] == 0 ? 0 : (double) g[c] * v[i] / norms[c];
        }
        return weights;
    }

    /**
     * {@code g/‖v‖}, and 0 for a channel of zeros.
     *
     * @param g the gains
     * @param norms the norms
     * @return a scale for each channel
     */
    public static double[] scales(float[] g, double[] norms) {
        double[] scales = new double[g.length];
        for (int c = 0; c < g.length; c++) {
            scales[c] = norms[c] == 0 ? 0 : g[c] / norms[c];
        }
        return scales;
    }

    /**
     * How far a float is from the truth, in units of a float's last place there; the nearest float is within 0.5. Infinity counts as
     * 2¹²⁸, as it does where IEEE arithmetic rounds.
     *
     * @param truth the truth
     * @param actual the float
     * @return the distance; NaN if one of the two is
     */
    public static double ulps(double truth, float actual) {
        double clipped = Math.max(-0x1p128, Math.min(0x1p128, truth));
        double value = Float.isInfinite(actual) ? Math.copySign(0x1p128, actual) : actual;
        int exponent = Math.min(Float.MAX_EXPONENT, Math.max(Float.MIN_EXPONENT, Math.getExponent(truth)));
        return Math.abs(value - clipped) * Math.scalb(1.0, 23 - exponent);
    }

    /**
     * Fails if a value is further from the truth than so many units in the last place of a float there.
     *
     * @param what what is compared
     * @param truth the truth
     * @param actual the values
     * @param ulps the bound
     */
    public static void assertWithinUlp(String what, double[] truth, float[] actual, double ulps) {
        for (int i = 0; i < truth.length; i++) {
            double error = ulps(truth[i], actual[i]);
            if (!(error <= ulps)) {
                throw new AssertionError(what + "[" + i + "]: " + actual[i] + " is " + error + " ulp from " + truth[i]);
            }
        }
    }

    /**
     * Fails if two arrays differ in any bit.
     *
     * @param what what is compared
     * @param expected one of them
     * @param actual the other
     */
    public static void assertSameBits(String what, float[] expected, float[] actual) {
        if (expected.length != actual.length) {
            throw new AssertionError(what + ": " + expected.length + " and " + actual.length + " elements");
        }
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
                throw new AssertionError(what + "[" + i + "]: " + describe(expected[i]) + " and " + describe(actual[i]));
            }
        }
    }

    private static String describe(float value) {
        return value + " (" + Float.toHexString(value) + ", bits " + Integer.toHexString(Float.floatToRawIntBits(value)) + ")";
    }
}
