package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.fail;

/**
 * Weight normalization once more, as a textbook would write it: a loop over all elements in the order of the shape, in double, with the
 * channel of each found from its index. It shares nothing with the kernels, neither layouts nor order of summation.
 */
public final class Reference {

    private Reference() {}

    /** The channel of each element of a shape; axis −1: all are channel 0. */
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

    /** The norms {@code √(Σv² + ε)}. */
    public static double[] norms(float[] v, int[] channels, int channelCount, double epsilon) {
        double[] norms = new double[channelCount];
        for (int i = 0; i < v.length; i++) {
            norms[channels[i]] += (double) v[i] * v[i];
        }
        for (int c = 0; c < channelCount; c++) {
            norms[c] = Math.sqrt(norms[c] + epsilon);
        }
        return norms;
    }

    /** {@code g·v/‖v‖}, and 0 in a channel of zeros. */
    public static double[] weights(float[] v, float[] g, double[] norms, int[] channels) {
        double[] weights = new double[v.length];
        for (int i = 0; i < v.length; i++) {
            double norm = norms[channels[i]];
            weights[i] = norm == 0 ? 0 : g[channels[i]] / norm * v[i];
        }
        return weights;
    }

    /** Fails if a value is further from the truth than so many units in the last place of a float there. */
    public static void assertWithinUlp(String what, double[] truth, float[] actual, double ulps) {
        for (int i = 0; i < truth.length; i++) {
            double error = Math.abs(actual[i] - truth[i]) / Math.ulp((float) truth[i]);
            if (!(error <= ulps)) {
                fail(what + "[" + i + "]: " + actual[i] + " is " + error + " ulp from " + truth[i]);
            }
        }
    }

    /** Fails if two arrays differ in any bit. */
    public static void assertSameBits(String what, float[] expected, float[] actual) {
        if (expected.length != actual.length) {
            fail(what + ": " + expected.length + " and " + actual.length + " elements");
        }
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
                fail(what + "[" + i + "]: " + expected[i] + " (" + Float.toHexString(expected[i]) + ", bits "
                        + Integer.toHexString(Float.floatToRawIntBits(expected[i])) + ") and " + actual[i] + " ("
                        + Float.toHexString(actual[i]) + ", bits " + Integer.toHexString(Float.floatToRawIntBits(actual[i])) + ")");
            }
        }
    }
}
