package io.github.weightnorm.example;

import io.github.weightnorm.Optimizer;

// docs/ten-minutes.md shows what stands between the two markers.
// <regression>
/** One pass of {@code second(tanh(first(x)))} over all of x, and its mean squared distance from y. */
final class Regression {

    private final Linear first;
    private final Linear second;
    private final float[] hidden;
    private final float[] distances;

    Regression(Linear first, Linear second, float[] x, float[] y) {
        this.first = first;
        this.second = second;
        hidden = first.forward(x);
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] = (float) Math.tanh(hidden[i]);
        }
        distances = second.forward(hidden);
        for (int i = 0; i < y.length; i++) {
            distances[i] -= y[i];
        }
    }

    double loss() {
        double sum = 0;
        for (float distance : distances) {
            sum += (double) distance * distance;
        }
        return sum / distances.length;
    }

    /** Back through both layers, and a step of each. */
    void step(Optimizer optimizer) {
        float[] gradient = new float[distances.length];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = 2 * distances[i] / distances.length;
        }
        float[] hiddenGradient = second.backward(gradient);
        for (int i = 0; i < hidden.length; i++) {
            hiddenGradient[i] *= 1 - hidden[i] * hidden[i];
        }
        first.backward(hiddenGradient);
        first.step(optimizer);
        second.step(optimizer);
    }
}
// </regression>
