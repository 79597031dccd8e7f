package io.github.weightnorm.properties;

import static io.github.weightnorm.properties.Reference.assertSameBits;

import java.util.Arrays;

/** Calls of a kernel with arrays of their own, and what is asserted of more than one property's results. */
record Calls(WeightNormKernel kernel) {

    float[] norms(WeightCase c) {
        return norms(c.layer(), c.v());
    }

    float[] norms(Layer layer, float[] v) {
        float[] norms = new float[layer.channels()];
        kernel.norms(layer, v, norms);
        return norms;
    }

    float[] reconstruct(WeightCase c) {
        return reconstruct(c.layer(), c.v(), c.g());
    }

    float[] reconstruct(Layer layer, float[] v, float[] g) {
        float[] w = new float[v.length];
        kernel.reconstruct(layer, v, g, w);
        return w;
    }

    /** Fails if a channel other than {@link WeightCase#someChannel()} has not the results that it has in the case as it is. */
    void assertOthersAreAsBefore(WeightCase c, float[] w, float[] norms) {
        int[] channels = c.channels();
        float[] weightsBefore = reconstruct(c);
        for (int i = 0; i < w.length; i++) {
            weightsBefore[i] = channels[i] == c.someChannel() ? w[i] : weightsBefore[i];
        }
        assertSameBits("w of another channel", weightsBefore, w);
        float[] normsBefore = norms(c);
        normsBefore[c.someChannel()] = norms[c.someChannel()];
        assertSameBits("norm of another channel", normsBefore, norms);
    }

    static void assertWeights(WeightCase c, double ulps, float[] w) {
        double[] truth = c.trueWeights();
        for (int i = 0; i < w.length; i++) {
            double error = Reference.ulps(truth[i], w[i]);
            double bound = Math.abs(truth[i]) < Float.MIN_NORMAL ? Math.max(1, ulps - 0.5) : ulps;
            require(error <= bound, "w[" + i + "]: " + w[i] + " is " + error + " ulp from " + truth[i]);
        }
    }

    /** The array from an offset on, between elements that are not meant. */
    static float[] shifted(float[] array, int offset) {
        float[] shifted = new float[array.length + offset + 5];
        Arrays.fill(shifted, Float.NaN);
        System.arraycopy(array, 0, shifted, offset, array.length);
        return shifted;
    }

    static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
