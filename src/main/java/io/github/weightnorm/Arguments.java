package io.github.weightnorm;

import java.util.Arrays;
import java.util.Objects;

/** The checks of the public entry: each names the argument, its value and what was expected, before anything is written. */
final class Arguments {

    private Arguments() {}

    /** Refuses a size that is not positive. */
    static int positive(String name, int size) {
        if (size <= 0) {
            throw new IllegalArgumentException(name + ": " + size + " (expected: > 0)");
        }
        return size;
    }

    /** A copy of the shape, whose sizes are positive and whose product fits an array. */
    static int[] shape(String name, int... shape) {
        int[] copy = Objects.requireNonNull(shape, name).clone();
        long size = 1;
        for (int axis = 0; axis < copy.length; axis++) {
            positive(name + "[" + axis + "]", copy[axis]);
        }
        for (int length : copy) {
            size *= length;
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        name + ": " + Arrays.toString(copy) + " (expected: at most " + Integer.MAX_VALUE + " elements)");
            }
        }
        return copy;
    }

    /** The axis as a number from 0 on, where negative ones count from the end. */
    static int axis(String name, int axis, int rank) {
        if (axis < -rank || axis >= rank) {
            String expected = rank == 0 ? "a shape with an axis to keep" : -rank + " to " + (rank - 1);
            throw new IllegalArgumentException(name + ": " + axis + " (expected: " + expected + ")");
        }
        return axis < 0 ? axis + rank : axis;
    }

    /** Refuses an array that does not have just this many elements. */
    static void length(String name, float[] array, int expected) {
        Objects.requireNonNull(array, name);
        if (array.length != expected) {
            throw new IllegalArgumentException(name + ".length: " + array.length + " (expected: " + expected + ")");
        }
    }

    /** Refuses a range {@code [offset, offset + size)} that is not within the array. */
    static void range(String name, float[] array, int offset, int size) {
        Objects.requireNonNull(array, name);
        if (offset < 0 || offset > array.length - size) {
            String expected = array.length < size ? "a longer array" : "0 to " + (array.length - size);
            throw new IndexOutOfBoundsException(
                    name + "Offset: " + offset + " (expected: " + expected + ", for " + size + " elements of " + name
                            + ", whose length is " + array.length + ")");
        }
    }

    /** Refuses an output that has an element in common with an input. */
    static void apart(String output, float[] out, int outOffset, int outSize, String input, float[] in, int inOffset, int inSize) {
        if (out == in && outOffset < inOffset + inSize && inOffset < outOffset + outSize) {
            throw new IllegalArgumentException(
                    output + "Offset: " + outOffset + " (expected: no element in common with " + input + ", whose offset in the same"
                            + " array is " + inOffset + ")");
        }
    }

    /** Refuses an output that overlaps an input of its own size, unless it is that input. */
    static void apartOrInPlace(String output, float[] out, int outOffset, String input, float[] in, int inOffset, int size) {
        if (out == in && outOffset != inOffset && Math.abs((long) outOffset - inOffset) < size) {
            throw new IllegalArgumentException(
                    output + "Offset: " + outOffset + " (expected: " + input + "'s offset in the same array, " + inOffset
                            + ", or no element in common)");
        }
    }
}
