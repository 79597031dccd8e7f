package io.github.weightnorm.properties;

/**
 * One case of gradients: a case of a weight, and how the elements of ∇w are distributed.
 *
 * @param weight layer, v, g and seed
 * @param gradients how the elements of ∇w are distributed
 */
public record GradientCase(WeightCase weight, Numbers gradients) {

    /**
     * Shape, kept axis and ε.
     *
     * @return the layer
     */
    public Layer layer() {
        return weight.layer();
    }

    /**
     * The gradient with respect to the weight.
     *
     * @return a new array
     */
    public float[] weightGradient() {
        return gradients.array(layer().size(), weight.seed() * 31 + 17);
    }

    /**
     * The directions.
     *
     * @return a new array
     */
    public float[] v() {
        return weight.v();
    }

    /**
     * The gains.
     *
     * @return a new array
     */
    public float[] g() {
        return weight.g();
    }

    /** The true gradients. */
    Gradients truth() {
        return Gradients.of(layer(), weightGradient(), v(), g());
    }
}
