package io.github.weightnorm.properties;

/**
 * One case: a layer, and a seed for its numbers. jqwik prints it, so a failed case can be made again.
 *
 * @param layer the layer
 * @param numbers how the elements of v are distributed
 * @param gains how the gains are
 * @param seed the seed
 */
public record WeightCase(Layer layer, Numbers numbers, Numbers gains, long seed) {

    /**
     * The directions.
     *
     * @return a new array
     */
    public float[] v() {
        return numbers.array(layer.size(), seed);
    }

    /**
     * The gains.
     *
     * @return a new array
     */
    public float[] g() {
        return gains.array(layer.channels(), ~seed);
    }

    /**
     * The channel of each element.
     *
     * @return a new array
     */
    public int[] channels() {
        return Reference.channels(layer.shape(), layer.keptAxis());
    }

    /**
     * The true norms.
     *
     * @return a norm for each channel
     */
    public double[] trueNorms() {
        return Reference.norms(v(), channels(), layer.channels(), layer.epsilon());
    }

    /**
     * The true weights.
     *
     * @return a weight for each element
     */
    public double[] trueWeights() {
        return Reference.weights(v(), g(), trueNorms(), channels());
    }

    /**
     * Some channel.
     *
     * @return an index, the same for the same case
     */
    public int someChannel() {
        return (int) Long.remainderUnsigned(seed, layer.channels());
    }

    /** The elements of v, where {@link #someChannel()} begins with one special number and goes on with another. */
    float[] withSpecial(float first, float others) {
        float[] v = v();
        int[] channels = channels();
        float next = first;
        for (int i = 0; i < v.length; i++) {
            if (channels[i] == someChannel()) {
                v[i] = next;
                next = others;
            }
        }
        return v;
    }
}
