package io.github.weightnorm.example.hifigan;

import java.util.Arrays;

/** What all layers do to one channel of a signal. */
final class Rows {

    /** Convolutions go over time in tiles of so many samples: all channels of a tile, read again for each tap, stay in the cache. */
    static final int TILE = 1024;

    private Rows() {}

    /** {@code y[t] += w·x[t]} for t in {@code [from, to)}. */
    static void addScaled(float[] x, float w, float[] y, int from, int to) {
        for (int t = from; t < to; t++) {
            y[t] += w * x[t];
        }
    }

    /** {@code shifted[t] = x[t + shift]} for t in {@code [from, to)}, and 0 where x has no such element. */
    static void shift(float[] x, int shift, float[] shifted, int from, int to) {
        int begin = Math.min(Math.max(from, -shift), to);
        int end = Math.max(Math.min(to, x.length - shift), begin);
        Arrays.fill(shifted, from, begin, 0);
        if (begin < end) {
            System.arraycopy(x, begin + shift, shifted, begin, end - begin);
        }
        Arrays.fill(shifted, end, to, 0);
    }

    /** {@code max(x, slope·x)}, to a signal of its own. */
    static float[][] leakyRelu(float[][] signal, float slope) {
        float[][] result = new float[signal.length][];
        for (int channel = 0; channel < signal.length; channel++) {
            float[] x = signal[channel];
            float[] y = new float[x.length];
            for (int t = 0; t < x.length; t++) {
                y[t] = Math.max(x[t], slope * x[t]);
            }
            result[channel] = y;
        }
        return result;
    }

    /** {@code sum += signal}. */
    static void add(float[][] signal, float[][] sum) {
        for (int channel = 0; channel < sum.length; channel++) {
            addScaled(signal[channel], 1, sum[channel], 0, sum[channel].length);
        }
    }
}
