package io.github.weightnorm;

import java.util.Arrays;

/**
 * A tensor seen as {@code (outer, channels, inner)}: element {@code (o·channels + c)·inner + i} belongs to channel {@code c}.
 *
 * <p>A channel is therefore {@code outer} runs of {@code inner} adjacent elements, {@code stride()} elements from one to the next. One
 * channel over everything is one run, whatever its shape was: the order of summation depends on the layout, so a layout has one form.
 */
record Layout(int outer, int channels, int inner) {

    /** The kept axis of a norm over the whole tensor. */
    static final int WHOLE = -1;

    Layout {
        if (channels == 1) {
            inner *= outer;
            outer = 1;
        }
    }

    /** The layout of a checked shape with the axis kept, or {@link #WHOLE}. */
    static Layout of(int[] shape, int keptAxis) {
        if (keptAxis == WHOLE) {
            return new Layout(1, 1, product(shape, 0, shape.length));
        }
        return new Layout(product(shape, 0, keptAxis), shape[keptAxis], product(shape, keptAxis + 1, shape.length));
    }

    /** The axis that a gain of this shape keeps of a direction of that shape, or {@link #WHOLE}; both shapes are checked. */
    static int inferKeptAxis(int[] direction, int[] gain) {
        int kept = WHOLE;
        for (int axis = 0; axis < gain.length; axis++) {
            if (gain[axis] == 1) {
                continue;
            }
            if (kept != WHOLE) {
                throw unfit(direction, gain, "one kept axis, and 1 everywhere else");
            }
            kept = axis;
        }
        if (kept == WHOLE) {
            // One gain. Where an axis of length 1 could be meant as well, that is the same norm.
            return WHOLE;
        }
        boolean flat = gain.length == 1 && direction.length > 0 && gain[0] == direction[0];
        boolean aligned = gain.length == direction.length && gain[kept] == direction[kept];
        if (!flat && !aligned) {
            throw unfit(direction, gain, "one axis of the direction's, with 1 everywhere else, or as many gains as shape[0]");
        }
        return kept;
    }

    private static IllegalArgumentException unfit(int[] direction, int[] gain, String expected) {
        return new IllegalArgumentException(
                "gainShape: " + Arrays.toString(gain) + " for directionShape " + Arrays.toString(direction)
                        + " (expected: " + expected + ")");
    }

    private static int product(int[] shape, int from, int to) {
        int product = 1;
        for (int axis = from; axis < to; axis++) {
            product *= shape[axis];
        }
        return product;
    }

    /** The distance from one run of a channel to its next. */
    int stride() {
        return channels * inner;
    }

    /** The number of elements. */
    int size() {
        return outer * channels * inner;
    }
}
