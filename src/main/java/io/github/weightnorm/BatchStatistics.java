package io.github.weightnorm;

import java.util.Objects;

/**
 * {@code μ} and {@code σ} of each channel of one batch of pre-activations, and the data-dependent initialisation that follows from
 * them: {@code g ← g/σ}, {@code b ← (b − μ)/σ}, after which the same batch has mean 0 and variance 1 in each channel (Salimans and
 * Kingma, section 3).
 *
 * <pre>{@code
 * float[] t = …;                                                   // the layer's outputs g·v·x/‖v‖ + b for a first batch
 * BatchStatistics.of(t, batch, channels, time).initialize(g, b);
 * }</pre>
 *
 * <p>A layer's channels must be its outputs, as those of a Linear or Conv1d weight are by axis 0. (A ConvTranspose1d weight as PyTorch
 * treats it has one gain per <em>input</em> channel, and no use for this.)
 *
 * <p><strong>Numerics.</strong> In double, in two passes: the mean, then the squares of the distances from it, less what rounding left
 * of their sum: {@code σ² = (Σ(t − μ)² − (Σ(t − μ))²/n)/n} (Chan, Golub and LeVeque, 1983). Elements are added in the order of memory,
 * so results do not depend on the machine. {@code σ²} is the variance of the batch itself, divided by n and not by n − 1: the batch is
 * what is to have variance 1. A channel of equal elements has variance 0, exactly.
 *
 * <p>Instances are immutable.
 *
 * @see <a href="https://arxiv.org/abs/1602.07868">Salimans and Kingma, Weight Normalization, 2016, equations 5 and 6</a>
 */
public final class BatchStatistics {

    private final double[] means;
    private final double[] standardDeviations;

    private BatchStatistics(double[] means, double[] standardDeviations) {
        this.means = means;
        this.standardDeviations = standardDeviations;
    }

    /**
     * Of a Linear layer's outputs.
     *
     * @param preactivations the outputs, {@code [batch, features]}
     * @param batch the number of samples, > 0
     * @param features the number of channels, > 0
     * @return the statistics of each feature
     * @throws IllegalArgumentException if a size is not positive, or the length is not their product
     */
    public static BatchStatistics of(float[] preactivations, int batch, int features) {
        Arguments.positive("batch", batch);
        Arguments.positive("features", features);
        return compute(preactivations, Arguments.shape("shape", batch, features, 1));
    }

    /**
     * Of a convolution's outputs; {@code time} is the product of all axes behind the channels.
     *
     * @param preactivations the outputs, {@code [batch, channels, time]}
     * @param batch the number of samples, > 0
     * @param channels the number of channels, > 0
     * @param time the number of positions, > 0
     * @return the statistics of each channel
     * @throws IllegalArgumentException if a size is not positive, or the length is not their product
     */
    public static BatchStatistics of(float[] preactivations, int batch, int channels, int time) {
        Arguments.positive("batch", batch);
        Arguments.positive("channels", channels);
        Arguments.positive("time", time);
        return compute(preactivations, Arguments.shape("shape", batch, channels, time));
    }

    private static BatchStatistics compute(float[] t, int[] shape) {
        int channels = shape[1];
        int time = shape[2];
        Arguments.length("preactivations", t, shape[0] * channels * time);
        double count = (double) shape[0] * time;
        double[] means = new double[channels];
        for (int i = 0; i < t.length; i++) {
            means[i / time % channels] += t[i];
        }
        for (int c = 0; c < channels; c++) {
            means[c] /= count;
        }
        double[] distances = new double[channels];
        double[] squares = new double[channels];
        for (int i = 0; i < t.length; i++) {
            int c = i / time % channels;
            double distance = t[i] - means[c];
            distances[c] += distance;
            squares[c] += distance * distance;
        }
        double[] standardDeviations = new double[channels];
        for (int c = 0; c < channels; c++) {
            standardDeviations[c] = Math.sqrt(Math.max(0, squares[c] - distances[c] * distances[c] / count) / count);
        }
        return new BatchStatistics(means, standardDeviations);
    }

    /**
     * The number of channels.
     *
     * @return the number, > 0
     */
    public int channels() {
        return means.length;
    }

    /**
     * {@code μ}.
     *
     * @param channel an index
     * @return the mean of the channel
     */
    public double mean(int channel) {
        return means[Objects.checkIndex(channel, means.length)];
    }

    /**
     * {@code σ}.
     *
     * @param channel an index
     * @return the root of the variance of the channel, divided by the number of its elements
     */
    public double standardDeviation(int channel) {
        return standardDeviations[Objects.checkIndex(channel, means.length)];
    }

    /**
     * {@code g ← g/σ}, {@code b ← (b − μ)/σ}: for gains and biases that the statistics were taken with, whatever they are.
     *
     * @param g the gains, one for each channel
     * @param bias the biases, one for each channel; another array
     * @throws IllegalArgumentException if a length is another, or both arrays are one
     * @throws IllegalStateException if a channel has no variance, or one that is not finite, or if a result would be no finite float;
     *     it names the first such channel, and nothing is written
     */
    public void initialize(float[] g, float[] bias) {
        Arguments.length("g", g, channels());
        Arguments.length("bias", bias, channels());
        Arguments.apart("bias", bias, 0, channels(), "g", g, 0, channels());
        for (int c = 0; c < channels(); c++) {
            if (!(standardDeviations[c] > 0 && standardDeviations[c] < Double.POSITIVE_INFINITY)) {
                throw new IllegalStateException(
                        "standard deviation of channel " + c + ": " + standardDeviations[c] + " (expected: finite and > 0)");
            }
            requireFinite("gain", c, gain(g[c], c));
            requireFinite("bias", c, bias(bias[c], c));
        }
        for (int c = 0; c < channels(); c++) {
            g[c] = gain(g[c], c);
            bias[c] = bias(bias[c], c);
        }
    }

    private float gain(float gain, int channel) {
        return (float) (gain / standardDeviations[channel]);
    }

    private float bias(float bias, int channel) {
        return (float) ((bias - means[channel]) / standardDeviations[channel]);
    }

    private static void requireFinite(String what, int channel, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalStateException("new " + what + " of channel " + channel + ": " + value + " (expected: finite)");
        }
    }
}
