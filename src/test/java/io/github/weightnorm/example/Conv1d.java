package io.github.weightnorm.example;

import io.github.weightnorm.BatchStatistics;
import io.github.weightnorm.NormalizedWeight;
import io.github.weightnorm.Optimizer;
import io.github.weightnorm.WeightNorm;

// docs/ten-minutes.md shows what stands between the two markers.
// <conv1d>
/** PyTorch's Conv1d with {@code w = g·v/‖v‖}, one norm per output channel: strided, padded, dilated, in groups. An example. */
final class Conv1d {

    /** Where the loops are: an output, an input, and the weight between them. */
    private interface Visitor {
        void visit(int output, int input, int weight);
    }

    /** {@code torch.nn.Conv1d(in, out, kernelSize, stride, padding, dilation, groups)}. */
    record Geometry(int in, int out, int kernelSize, int stride, int padding, int dilation, int groups) {

        int outputLength(int length) {
            return (length + 2 * padding - dilation * (kernelSize - 1) - 1) / stride + 1;
        }

        WeightNorm layer() {
            return WeightNorm.conv1d(out, in / groups, kernelSize);
        }

        private void visit(int batch, int length, Visitor visitor) {
            int perGroup = in / groups;
            int outputLength = outputLength(length);
            for (int output = 0; output < batch * out * outputLength; output++) {
                int time = output % outputLength;
                int channel = output / outputLength % out;
                int sample = output / outputLength / out;
                int group = channel / (out / groups);
                for (int i = 0; i < perGroup; i++) {
                    for (int k = 0; k < kernelSize; k++) {
                        int at = time * stride - padding + k * dilation;
                        if (at >= 0 && at < length) {
                            int input = (sample * in + group * perGroup + i) * length + at;
                            visitor.visit(output, input, (channel * perGroup + i) * kernelSize + k);
                        }
                    }
                }
            }
        }
    }

    final NormalizedWeight weight;
    final float[] bias;
    private final Geometry geometry;
    private final float[] w;
    private final float[] weightGradient;
    private final float[] biasGradient;
    private float[] x;
    private int batch;
    private int length;

    /** The parameters of a checkpoint: v of the shape {@code [out, in/groups, kernelSize]}, and a gain for each output channel. */
    Conv1d(Geometry geometry, float[] v, float[] g, float[] bias) {
        this.geometry = geometry;
        this.bias = bias;
        weight = NormalizedWeight.of(geometry.layer(), v, g);
        w = new float[v.length];
        weightGradient = new float[v.length];
        biasGradient = new float[bias.length];
    }

    /** The outputs {@code [batch, out, outputLength]} for inputs {@code [batch, in, length]}. */
    float[] forward(float[] x, int batch) {
        this.x = x;
        this.batch = batch;
        length = x.length / batch / geometry.in;
        weight.weight(w);
        double[] sums = new double[batch * geometry.out * geometry.outputLength(length)];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = bias[channelOf(i)];
        }
        geometry.visit(batch, length, (output, input, weight) -> sums[output] += (double) w[weight] * x[input]);
        return Linear.round(sums, new float[sums.length]);
    }

    /** From the gradient of y that of x; those of w and b are kept for {@link #step}. */
    float[] backward(float[] yGradient) {
        double[] ofW = new double[w.length];
        double[] ofB = new double[bias.length];
        double[] ofX = new double[x.length];
        for (int i = 0; i < yGradient.length; i++) {
            ofB[channelOf(i)] += yGradient[i];
        }
        geometry.visit(batch, length, (output, input, weight) -> {
            ofW[weight] += (double) yGradient[output] * x[input];
            ofX[input] += (double) yGradient[output] * w[weight];
        });
        Linear.round(ofW, weightGradient);
        Linear.round(ofB, biasGradient);
        return Linear.round(ofX, new float[x.length]);
    }

    private int channelOf(int output) {
        return output / geometry.outputLength(length) % geometry.out;
    }

    /** {@code ∇v} and {@code ∇g} from {@code ∇w}, and a step against all three. */
    void step(Optimizer optimizer) {
        weight.step(weightGradient, optimizer);
        optimizer.update(bias, biasGradient);
    }

    /** {@code g ← g/σ}, {@code b ← (b − μ)/σ}: afterwards this batch's outputs have mean 0 and variance 1. */
    void initialize(float[] x, int batch) {
        float[] y = forward(x, batch);
        BatchStatistics.of(y, batch, geometry.out, geometry.outputLength(length)).initialize(weight.g(), bias);
    }
}
// </conv1d>
