package io.github.weightnorm;

import java.util.Objects;

/**
 * A weight in training: {@code w = g·v/‖v‖}, with its gains, its directions and their layout.
 *
 * <pre>{@code
 * NormalizedWeight weight = NormalizedWeight.wrap(WeightNorm.linear(16, 8), w);   // torch: weight_norm(linear)
 * weight.weight(w);                                    // before each forward pass
 * weight.step(weightGradient, Optimizer.sgd(0.1f));    // behind each backward pass
 * float[] plain = weight.fold();                       // torch: remove_weight_norm(linear)
 * }</pre>
 *
 * <p>It changes with {@link #step} and holds arrays of its own: {@link #v} and {@link #g}, which may be written to (a checkpoint's
 * values, frozen gains), and those of the gradients, so that a step allocates nothing but what its optimizers do. Not for several
 * threads at once.
 *
 * @see WeightNorm#gradients(float[], float[], float[], float[], float[]) the formulas
 */
public final class NormalizedWeight {

    private final WeightNorm layer;
    private final float[] v;
    private final float[] g;
    private final float[] vGradient;
    private final float[] gGradient;

    private NormalizedWeight(WeightNorm layer) {
        int channels = Objects.requireNonNull(layer, "layer").channelCount();
        if (layer.fromChannel != 0 || layer.toChannel != channels) {
            throw new IllegalArgumentException("layer: " + layer + " (expected: all of its channels)");
        }
        this.layer = layer;
        v = new float[layer.size()];
        g = new float[channels];
        vGradient = new float[v.length];
        gGradient = new float[channels];
    }

    /**
     * {@code g = ‖w‖}, {@code v = w}: the parameters of a plain weight, which they leave as it is; what {@code weight_norm} does to a
     * module in PyTorch.
     *
     * @param layer the layout, with all of its channels
     * @param w the weight, {@link WeightNorm#size()} elements
     * @return a weight with copies
     * @throws IllegalArgumentException if the layer is a range of its channels, or the length is another
     */
    public static NormalizedWeight wrap(WeightNorm layer, float[] w) {
        NormalizedWeight wrapped = new NormalizedWeight(layer);
        layer.decompose(w, wrapped.g, wrapped.v);
        return wrapped;
    }

    /**
     * The parameters of a checkpoint.
     *
     * @param layer the layout, with all of its channels
     * @param v the direction parameter, {@link WeightNorm#size()} elements
     * @param g the gains, {@link WeightNorm#channelCount()} elements
     * @return a weight with copies
     * @throws IllegalArgumentException if the layer is a range of its channels, or a length is another
     */
    public static NormalizedWeight of(WeightNorm layer, float[] v, float[] g) {
        NormalizedWeight weight = new NormalizedWeight(layer);
        Arguments.length("v", v, weight.v.length);
        Arguments.length("g", g, weight.g.length);
        System.arraycopy(v, 0, weight.v, 0, v.length);
        System.arraycopy(g, 0, weight.g, 0, g.length);
        return weight;
    }

    /**
     * The layout.
     *
     * @return the layer
     */
    public WeightNorm layer() {
        return layer;
    }

    /**
     * The direction parameter.
     *
     * @return the array itself: what is written there counts
     */
    public float[] v() {
        return v;
    }

    /**
     * The gains.
     *
     * @return the array itself: what is written there counts
     */
    public float[] g() {
        return g;
    }

    /**
     * {@code w = g·v/‖v‖}, as the parameters are now.
     *
     * @param w receives {@link WeightNorm#size()} elements
     */
    public void weight(float[] w) {
        layer.reconstruct(v, g, w);
    }

    /**
     * The plain weight, for a network that is trained: what {@code remove_weight_norm} leaves of a module in PyTorch.
     *
     * @return {@code g·v/‖v‖}, a new array
     */
    public float[] fold() {
        float[] w = new float[v.length];
        weight(w);
        return w;
    }

    /**
     * A step of both parameters by an optimizer without a state, {@link Optimizer#sgd} for one.
     *
     * @param weightGradient the gradient of the loss with respect to w, {@link WeightNorm#size()} elements
     * @param optimizer changes v and g
     */
    public void step(float[] weightGradient, Optimizer optimizer) {
        step(weightGradient, optimizer, optimizer);
    }

    /**
     * A step of each parameter by an optimizer of its own. The gradients of both are those at the parameters before the step.
     *
     * @param weightGradient the gradient of the loss with respect to w, {@link WeightNorm#size()} elements
     * @param ofDirections changes v
     * @param ofGains changes g
     */
    public void step(float[] weightGradient, Optimizer ofDirections, Optimizer ofGains) {
        Objects.requireNonNull(ofDirections, "ofDirections");
        Objects.requireNonNull(ofGains, "ofGains");
        layer.gradients(weightGradient, v, g, vGradient, gGradient);
        ofDirections.update(v, vGradient);
        ofGains.update(g, gGradient);
    }

    /** The layer: of which weight, not its numbers. */
    @Override
    public String toString() {
        return "NormalizedWeight[" + layer + "]";
    }
}
