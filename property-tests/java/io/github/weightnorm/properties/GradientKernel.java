package io.github.weightnorm.properties;

/**
 * The gradients of {@code w = g·v/‖v‖}, as the properties see them. Methods that return a boolean are optional, as those of
 * {@link WeightNormKernel}.
 */
public interface GradientKernel {

    /**
     * {@code ∇g = Σ∇w·v/‖v‖} and {@code ∇v = g/‖v‖·(∇w − (Σ∇w·v/‖v‖²)·v)}, with {@code ‖v‖ = √(Σv² + ε)}.
     *
     * @param layer shape, kept axis and ε
     * @param weightGradient ∇w, {@link Layer#size()} elements
     * @param v {@link Layer#size()} elements
     * @param g {@link Layer#channels()} gains
     * @param vGradient receives {@link Layer#size()} elements; another array
     * @param gGradient receives {@link Layer#channels()} elements; another array
     */
    void gradients(Layer layer, float[] weightGradient, float[] v, float[] g, float[] vGradient, float[] gGradient);

    /**
     * {@link #gradients}, ∇v written over ∇w.
     *
     * @param layer shape, kept axis and ε
     * @param weightGradient ∇w, which becomes ∇v
     * @param v {@link Layer#size()} elements
     * @param g {@link Layer#channels()} gains
     * @param gGradient receives {@link Layer#channels()} elements
     * @return whether the kernel has this operation
     */
    default boolean gradientsInPlace(Layer layer, float[] weightGradient, float[] v, float[] g, float[] gGradient) {
        return false;
    }

    /**
     * {@link #gradients} for some of the channels; the arrays are those of all of them.
     *
     * @param layer shape, kept axis and ε
     * @param fromChannel the first channel
     * @param toChannel the channel behind the last
     * @param weightGradient {@link Layer#size()} elements
     * @param v {@link Layer#size()} elements
     * @param g {@link Layer#channels()} gains
     * @param vGradient receives the elements of these channels, and keeps those of the others
     * @param gGradient receives the elements of these channels, and keeps those of the others
     * @return whether the kernel has this operation
     */
    default boolean gradientsRange(Layer layer, int fromChannel, int toChannel, float[] weightGradient, float[] v, float[] g,
            float[] vGradient, float[] gGradient) {
        return false;
    }

    /**
     * Whether the kernel is meant for such a layer.
     *
     * @param layer shape, kept axis and ε
     * @return true unless overridden
     */
    default boolean supports(Layer layer) {
        return true;
    }
}
