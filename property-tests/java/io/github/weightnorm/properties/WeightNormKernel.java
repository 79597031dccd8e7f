package io.github.weightnorm.properties;

import java.util.Arrays;

/**
 * A weight normalization kernel, as the properties see it: {@code w = g·v/‖v‖} over flat arrays in row-major order.
 *
 * <p>Two methods have to be written. Those that return a boolean are optional: they say whether the kernel offers the operation,
 * and its properties pass without a look where it does not.
 */
public interface WeightNormKernel {

    /**
     * {@code norms[c] = √(Σv² + ε)}, over the elements of channel c.
     *
     * @param layer shape, kept axis and ε
     * @param v {@link Layer#size()} elements
     * @param norms receives {@link Layer#channels()} norms
     */
    void norms(Layer layer, float[] v, float[] norms);

    /**
     * {@code w = g·v/‖v‖}.
     *
     * @param layer shape, kept axis and ε
     * @param v {@link Layer#size()} elements
     * @param g {@link Layer#channels()} gains
     * @param w receives {@link Layer#size()} elements; another array than v
     */
    void reconstruct(Layer layer, float[] v, float[] g, float[] w);

    /**
     * {@code directions = v/‖v‖}; by default, what gains of 1 reconstruct.
     *
     * @param layer shape, kept axis and ε
     * @param v {@link Layer#size()} elements
     * @param directions receives {@link Layer#size()} elements
     */
    default void directions(Layer layer, float[] v, float[] directions) {
        float[] ones = new float[layer.channels()];
        Arrays.fill(ones, 1);
        reconstruct(layer, v, ones, directions);
    }

    /**
     * {@code g = ‖w‖}, {@code v} such that g and v give w again; by default, a copy of w.
     *
     * @param layer shape, kept axis and ε
     * @param w {@link Layer#size()} elements
     * @param g receives {@link Layer#channels()} gains
     * @param v receives {@link Layer#size()} elements
     */
    default void decompose(Layer layer, float[] w, float[] g, float[] v) {
        norms(layer, w, g);
        System.arraycopy(w, 0, v, 0, w.length);
    }

    /**
     * {@code scales[c] = g[c]/‖v_c‖}.
     *
     * @param layer shape, kept axis and ε
     * @param v {@link Layer#size()} elements
     * @param g {@link Layer#channels()} gains
     * @param scales receives {@link Layer#channels()} scales
     * @return whether the kernel has this operation
     */
    default boolean scales(Layer layer, float[] v, float[] g, float[] scales) {
        return false;
    }

    /**
     * {@link #reconstruct(Layer, float[], float[], float[]) reconstruct}, written over v.
     *
     * @param layer shape, kept axis and ε
     * @param v {@link Layer#size()} elements, which become those of w
     * @param g {@link Layer#channels()} gains
     * @return whether the kernel has this operation
     */
    default boolean reconstructInPlace(Layer layer, float[] v, float[] g) {
        return false;
    }

    /**
     * {@link #reconstruct(Layer, float[], float[], float[]) reconstruct} on parts of larger arrays.
     *
     * @param layer shape, kept axis and ε
     * @param v holds the directions
     * @param vOffset where they begin
     * @param g holds the gains
     * @param gOffset where they begin
     * @param w receives the weight
     * @param wOffset where it begins
     * @return whether the kernel has this operation
     */
    default boolean reconstructAt(Layer layer, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
        return false;
    }

    /**
     * {@link #reconstruct(Layer, float[], float[], float[]) reconstruct} for some of the channels; the arrays are those of all of them.
     *
     * @param layer shape, kept axis and ε
     * @param fromChannel the first channel
     * @param toChannel the channel behind the last
     * @param v {@link Layer#size()} elements
     * @param g {@link Layer#channels()} gains
     * @param w receives the elements of these channels, and keeps those of the others
     * @return whether the kernel has this operation
     */
    default boolean reconstructRange(Layer layer, int fromChannel, int toChannel, float[] v, float[] g, float[] w) {
        return false;
    }

    /**
     * Whether the kernel is meant for such a layer. The properties draw layers until they have one that it is meant for.
     *
     * @param layer shape, kept axis and ε
     * @return true unless overridden
     */
    default boolean supports(Layer layer) {
        return true;
    }
}
