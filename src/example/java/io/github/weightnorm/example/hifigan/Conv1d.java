package io.github.weightnorm.example.hifigan;

import java.util.Arrays;

/** {@code y[o][t] = bias[o] + Σ w[o][i][k]·x[i][t + k·dilation − padding]}, padded with zeros so that the length stays. */
final class Conv1d {
    final int outChannels;
    final int inChannels;
    private final int kernelSize;
    private final int dilation;
    private final float[] weight;
    private final float[] bias;

    Conv1d(Parameters parameters, int dilation) {
        this.outChannels = parameters.shape()[0];
        this.inChannels = parameters.shape()[1];
        this.kernelSize = parameters.shape()[2];
        this.dilation = dilation;
        this.weight = parameters.weight();
        this.bias = parameters.bias();
        parameters.expectBiases(outChannels);
        if (kernelSize % 2 == 0) {
            throw new IllegalArgumentException(parameters.name() + ": kernel size " + kernelSize + " (expected: odd, as in HiFi-GAN)");
        }
    }

    float[][] apply(float[][] x) {
        int length = x[0].length;
        int padding = (kernelSize - 1) * dilation / 2;
        float[][] y = new float[outChannels][length];
        float[] shifted = new float[length];
        for (int from = 0; from < length; from += Rows.TILE) {
            int to = Math.min(from + Rows.TILE, length);
            for (int o = 0; o < outChannels; o++) {
                Arrays.fill(y[o], from, to, bias[o]);
            }
            for (int i = 0; i < inChannels; i++) {
                for (int k = 0; k < kernelSize; k++) {
                    Rows.shift(x[i], k * dilation - padding, shifted, from, to);
                    for (int o = 0; o < outChannels; o++) {
                        Rows.addScaled(shifted, weight[(o * inChannels + i) * kernelSize + k], y[o], from, to);
                    }
                }
            }
        }
        return y;
    }
}
