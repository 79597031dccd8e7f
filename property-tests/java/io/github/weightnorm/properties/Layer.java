package io.github.weightnorm.properties;

import java.util.Arrays;

/**
 * What a kernel is told of a weight: its shape, the axis whose indices are the channels, and what is added under the root.
 *
 * @param shape the sizes; not to be changed
 * @param keptAxis the axis, from 0 on, or {@link #WHOLE}
 * @param epsilon ε, ≥ 0
 */
public record Layer(int[] shape, int keptAxis, double epsilon) {

    /** In place of a kept axis: one norm over everything. */
    public static final int WHOLE = -1;

    /**
     * The number of elements.
     *
     * @return the product of the sizes
     */
    public int size() {
        return product(0, shape.length);
    }

    /**
     * The number of channels.
     *
     * @return the size of the kept axis, or 1
     */
    public int channels() {
        return keptAxis == WHOLE ? 1 : shape[keptAxis];
    }

    /**
     * The number of a channel's adjacent elements.
     *
     * @return the product of the sizes behind the kept axis
     */
    public int inner() {
        return product(keptAxis + 1, shape.length);
    }

    /**
     * The channel of an element.
     *
     * @param element its index in the flat array
     * @return its index on the kept axis
     */
    public int channelOf(int element) {
        return element / inner() % channels();
    }

    private int product(int from, int to) {
        int product = 1;
        for (int axis = from; axis < to; axis++) {
            product *= shape[axis];
        }
        return product;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Layer that && Arrays.equals(shape, that.shape) && keptAxis == that.keptAxis
                && Double.compare(epsilon, that.epsilon) == 0;
    }

    @Override
    public int hashCode() {
        return (Arrays.hashCode(shape) * 31 + keptAxis) * 31 + Double.hashCode(epsilon);
    }

    @Override
    public String toString() {
        return Arrays.toString(shape) + (keptAxis == WHOLE ? " as a whole" : " by axis " + keptAxis)
                + (epsilon == 0 ? "" : ", epsilon " + epsilon);
    }
}
