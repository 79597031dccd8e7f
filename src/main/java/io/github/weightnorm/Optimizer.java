package io.github.weightnorm;

/**
 * Changes a parameter by the gradient of the loss with respect to it: {@code parameter ← parameter − step(gradient)}. One that keeps
 * a state of its own, momentum for example, belongs to one array, so that a {@link NormalizedWeight} takes two.
 */
@FunctionalInterface
public interface Optimizer {

    /**
     * One step.
     *
     * @param parameter what to change
     * @param gradient as many elements; to be read only
     */
    void update(float[] parameter, float[] gradient);

    /**
     * {@code parameter ← parameter − learningRate·gradient}, in float: stochastic gradient descent, without momentum or decay.
     *
     * @param learningRate the factor: finite, ≥ 0
     * @return an optimizer without a state
     * @throws IllegalArgumentException if the rate is negative, infinite or NaN
     */
    static Optimizer sgd(float learningRate) {
        if (!(learningRate >= 0 && learningRate <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("learningRate: " + learningRate + " (expected: finite and >= 0)");
        }
        return (parameter, gradient) -> {
            for (int i = 0; i < parameter.length; i++) {
                parameter[i] -= learningRate * gradient[i];
            }
        };
    }
}
