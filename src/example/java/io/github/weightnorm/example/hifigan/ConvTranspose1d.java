package io.github.weightnorm.example.hifigan;

import java.util.Arrays;

/**
 * {@code y[o][t·stride + k − padding] += w[i][o][k]·x[i][t]}, from y = bias: upsampling by the stride.
 *
 * <p>Outputs whose position modulo the stride is the same, a phase, depend on the same taps. So each phase is a plain convolution with
 * every stride-th tap, and its outputs lie side by side until they are spread over y.
 */
final class ConvTranspose1d {
    final int inChannels;
    final int outChannels;
    final int stride;
    private final int kernelSize;
    private final int padding;
    private final float[] weight;
    private final float[] bias;

    /** The stride is half of the kernel size: shapes don't tell it, and all of HiFi-GAN's configurations have it so. */
    ConvTranspose1d(Parameters parameters) {
        this.inChannels = parameters.shape()[0];
        this.outChannels = parameters.shape()[1];
        this.kernelSize = parameters.shape()[2];
        this.stride = kernelSize / 2;
        this.padding = (kernelSize - stride) / 2;
        this.weight = parameters.weight();
        this.bias = parameters.bias();
        parameters.expectBiases(outChannels);
        if (kernelSize % 4 != 0) {
            throw new IllegalArgumentException(parameters.name() + ": kernel size " + kernelSize
                    + " (expected: twice an even stride, as in HiFi-GAN)");
        }
    }

    float[][] apply(float[][] x) {
        int length = x[0].length;
        float[][] y = new float[outChannels][Math.multiplyExact(length, stride)];
        // The last input reaches one place further, with the kernel's second half.
        float[][] outputs = new float[outChannels][length + 1];
        float[] shifted = new float[length + 1];
        for (int phase = 0; phase < stride; phase++) {
            for (int from = 0; from <= length; from += Rows.TILE) {
                convolve(x, phase, shifted, outputs, from, Math.min(from + Rows.TILE, length + 1));
            }
            for (int o = 0; o < outChannels; o++) {
                spread(outputs[o], phase - padding, y[o]);
            }
        }
        return y;
    }

    private void convolve(float[][] x, int phase, float[] shifted, float[][] outputs, int from, int to) {
        for (int o = 0; o < outChannels; o++) {
            Arrays.fill(outputs[o], from, to, bias[o]);
        }
        for (int i = 0; i < inChannels; i++) {
            for (int k = phase; k < kernelSize; k += stride) {
                Rows.shift(x[i], -(k / stride), shifted, from, to);
                for (int o = 0; o < outChannels; o++) {
                    Rows.addScaled(shifted, weight[(i * outChannels + o) * kernelSize + k], outputs[o], from, to);
                }
            }
        }
    }

    /** {@code y[first + t·stride] = x[t]}, where y has such an element. */
    private void spread(float[] x, int first, float[] y) {
        for (int t = 0; t < x.length; t++) {
            int at = first + t * stride;
            if (at >= 0 && at < y.length) {
                y[at] = x[t];
            }
        }
    }
}
