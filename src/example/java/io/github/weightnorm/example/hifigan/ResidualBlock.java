package io.github.weightnorm.example.hifigan;

import java.util.List;

/**
 * {@code x += convolutions(x)}, step by step, with a leaky ReLU before each convolution.
 *
 * @param steps HiFi-GAN's ResBlock1, of V1 and V2, has two convolutions in each step, the first of them dilated; ResBlock2, of V3, one
 */
record ResidualBlock(List<List<Conv1d>> steps) {

    float[][] apply(float[][] x) {
        float[][] sum = new float[x.length][];
        for (int channel = 0; channel < x.length; channel++) {
            sum[channel] = x[channel].clone();
        }
        for (List<Conv1d> step : steps) {
            float[][] y = sum;
            for (Conv1d convolution : step) {
                y = convolution.apply(Rows.leakyRelu(y, Generator.SLOPE));
            }
            Rows.add(y, sum);
        }
        return sum;
    }
}
