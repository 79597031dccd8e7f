package io.github.weightnorm.example;

import io.github.weightnorm.BatchStatistics;
import io.github.weightnorm.NormalizedWeight;
import io.github.weightnorm.Optimizer;
import io.github.weightnorm.WeightNorm;

// docs/ten-minutes.md shows what stands between the two markers.
// <linear>
/** {@code y = x·wᵀ + b} with {@code w = g·v/‖v‖}, one norm per output. An example, not a framework. */
final class Linear {

    final NormalizedWeight weight;
    final float[] bias;
    private final int in;
    private final int out;
    private final float[] w;
    private final float[] weightGradient;
    private final float[] biasGradient;
    private float[] x;

    /** Wraps a plain weight {@code [out, in]}: {@code g = ‖w‖}, {@code v = w}. */
    Linear(int out, int in, float[] plain, float[] bias) {
        this.out = out;
        this.in = in;
        this.bias = bias;
        weight = NormalizedWeight.wrap(WeightNorm.linear(out, in), plain);
        w = new float[out * in];
        weightGradient = new float[out * in];
        biasGradient = new float[out];
    }

    /** The outputs {@code [batch, out]} for inputs {@code [batch, in]}. */
    float[] forward(float[] x) {
        this.x = x;
        weight.weight(w);
        float[] y = new float[x.length / in * out];
        for (int i = 0; i < y.length; i++) {
            int row = i % out * in;
            int sample = i / out * in;
            double sum = bias[i % out];
            for (int j = 0; j < in; j++) {
                sum += (double) w[row + j] * x[sample + j];
            }
            y[i] = (float) sum;
        }
        return y;
    }

    /** From the gradient of y that of x; those of w and b are kept for {@link #step}. */
    float[] backward(float[] yGradient) {
        double[] ofW = new double[w.length];
        double[] ofB = new double[out];
        double[] ofX = new double[x.length];
        for (int i = 0; i < yGradient.length; i++) {
            int row = i % out * in;
            int sample = i / out * in;
            ofB[i % out] += yGradient[i];
            for (int j = 0; j < in; j++) {
                ofW[row + j] += (double) yGradient[i] * x[sample + j];
                ofX[sample + j] += (double) yGradient[i] * w[row + j];
            }
        }
        round(ofW, weightGradient);
        round(ofB, biasGradient);
        return round(ofX, new float[x.length]);
    }

    static float[] round(double[] sums, float[] gradient) {
        for (int i = 0; i < sums.length; i++) {
            gradient[i] = (float) sums[i];
        }
        return gradient;
    }

    /** {@code ∇v} and {@code ∇g} from {@code ∇w}, and a step against all three. */
    void step(Optimizer optimizer) {
        weight.step(weightGradient, optimizer);
        optimizer.update(bias, biasGradient);
    }

    /** {@code g ← g/σ}, {@code b ← (b − μ)/σ}: afterwards this batch's outputs have mean 0 and variance 1. */
    void initialize(float[] x) {
        BatchStatistics.of(forward(x), x.length / in, out).initialize(weight.g(), bias);
    }
}
// </linear>
