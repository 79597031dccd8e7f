package io.github.weightnorm.properties;

import static io.github.weightnorm.properties.Calls.require;

/**
 * The true gradients of one case, from sums of twice a double's precision, element by element in the order of the shape; what is left
 * of rounding is less than a ten-millionth of a float's.
 *
 * @param v ∇v
 * @param g ∇g
 * @param parts for each element of ∇v, the magnitude of the part of ∇w along v that was taken off it
 * @param totals for each channel, {@code Σ|∇w·v|/‖v‖}, by which a sum that cancels is to be measured
 * @param scales for each channel, {@code |g/‖v‖|}
 */
record Gradients(double[] v, double[] g, double[] parts, double[] totals, double[] scales) {

    static Gradients of(Layer layer, float[] weightGradient, float[] v, float[] g) {
        int[] channels = Reference.channels(layer.shape(), layer.keptAxis());
        double[] norms = Reference.norms(v, channels, g.length, layer.epsilon());
        double[] products = new double[g.length];
        double[] rests = new double[g.length];
        double[] totals = new double[g.length];
        for (int i = 0; i < v.length; i++) {
            int c = channels[i];
            // Exact in double; and Knuth's two-sum, which keeps what an addition rounds off.
            double product = (double) weightGradient[i] * v[i];
            double sum = products[c] + product;
            double before = sum - product;
            rests[c] += (products[c] - before) + (product - (sum - before));
            products[c] = sum;
            totals[c] += Math.abs(product);
        }
        double[] ofV = new double[v.length];
        double[] parts = new double[v.length];
        for (int i = 0; i < v.length; i++) {
            int c = channels[i];
            double part = (products[c] + rests[c]) / norms[c] * (v[i] / norms[c]);
            ofV[i] = norms[c] == 0 ? 0 : g[c] / norms[c] * (weightGradient[i] - part);
            parts[i] = norms[c] == 0 ? 0 : Math.abs(g[c] / norms[c] * part);
        }
        double[] ofG = new double[g.length];
        double[] scales = new double[g.length];
        for (int c = 0; c < g.length; c++) {
            ofG[c] = norms[c] == 0 ? 0 : (products[c] + rests[c]) / norms[c];
            totals[c] = norms[c] == 0 ? 0 : totals[c] / norms[c];
            scales[c] = norms[c] == 0 ? 0 : Math.abs(g[c] / norms[c]);
        }
        return new Gradients(ofV, ofG, parts, totals, scales);
    }

    /**
     * Fails if a kernel's are further away than so many units of 2⁻²⁴ of an element, and of the part taken off it.
     *
     * @param ofElement the bound for ∇v in units of {@code |∇v|}
     * @param ofPart the bound for ∇v in units of the part
     * @param ofGain the bound for ∇g in units of {@code |∇g|}
     */
    void assertClose(float[] vGradient, float[] gGradient, int[] channels, double ofElement, double ofPart, double ofGain) {
        for (int i = 0; i < v.length; i++) {
            int c = channels[i];
            // A sum of doubles that cancels is off by 2⁻⁴⁰ of its terms at most, and a product that underflows by 2⁻⁵⁰ of ∇g; a subnormal
            // float by half its last place.
            double ofSum = g[c] == 0 ? scales[c] * totals[c] : parts[i] / Math.abs(g[c]) * totals[c];
            double bound = 0x1p-24 * (ofElement * Math.abs(v[i]) + ofPart * parts[i]) + 0x1p-40 * ofSum
                    + 0x1p-50 * scales[c] * Math.abs(g[c]) + Float.MIN_VALUE;
            assertWithin("∇v[" + i + "]", v[i], vGradient[i], bound);
        }
        for (int c = 0; c < g.length; c++) {
            assertWithin("∇g[" + c + "]", g[c], gGradient[c], 0x1p-24 * ofGain * Math.abs(g[c]) + 0x1p-40 * totals[c] + Float.MIN_VALUE);
        }
    }

    private static void assertWithin(String what, double truth, float actual, double bound) {
        // Infinity counts as 2¹²⁸, as in Reference.ulps.
        double value = Float.isInfinite(actual) ? Math.copySign(0x1p128, actual) : actual;
        double clipped = Math.max(-0x1p128, Math.min(0x1p128, truth));
        require(Math.abs(value - clipped) <= bound, what + ": " + actual + " is more than " + bound + " from " + truth);
    }
}
