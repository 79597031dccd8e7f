package consumer;

import io.github.weightnorm.WeightNorm;

/** A program that embeds the library: folds a layer whose weight is known in every bit, and prints the back end that did it. */
public final class Consumer {

    private Consumer() {}

    public static void main(String[] arguments) {
        System.out.println(backEndThatFolds());
    }

    /** A row of 64 elements ±2ᶜ has the norm 8·2ᶜ, so that its weights are ±g/8: no rounding anywhere. */
    static String backEndThatFolds() {
        WeightNorm layer = WeightNorm.conv1d(20, 8, 8);
        float[] v = new float[layer.size()];
        float[] g = new float[layer.channelCount()];
        float[] w = new float[layer.size()];
        for (int i = 0; i < v.length; i++) {
            v[i] = Math.scalb(sign(i), i / 64);
        }
        for (int channel = 0; channel < g.length; channel++) {
            g[channel] = 3 * channel + 1;
        }
        layer.reconstruct(v, g, w);
        for (int i = 0; i < w.length; i++) {
            float expected = sign(i) * g[i / 64] / 8;
            if (Float.floatToRawIntBits(w[i]) != Float.floatToRawIntBits(expected)) {
                throw new AssertionError("w[" + i + "] is " + w[i] + ", and not " + expected);
            }
        }
        return WeightNorm.backend();
    }

    private static float sign(int i) {
        return i % 3 == 0 ? -1 : 1;
    }
}
