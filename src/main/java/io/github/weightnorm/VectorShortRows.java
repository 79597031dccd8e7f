package io.github.weightnorm;

import static io.github.weightnorm.Kernels.GROUP;
import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FLOATS_CLASS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.ONES;
import static io.github.weightnorm.VectorLanes.WIDE;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.DIV;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.IS_NAN;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.SQRT;

import io.github.weightnorm.Kernels.Output;
import java.util.function.IntPredicate;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of up to eight elements, eight at a time: lane = row. For 512 bit only, where masked loads cost no more than others. What a row
 * waits for otherwise, a square root and a division, eight then share.
 */
final class VectorShortRows {

    /** Eight floats, where a vector can hold them. */
    private static final VectorSpecies<Float> EIGHT = LANES == GROUP ? FLOATS : WIDE;
    private static final Class<? extends Vector<Float>> EIGHT_CLASS = EIGHT.vectorType();
    private static final boolean EIGHT_FLOATS = EIGHT.length() == GROUP;

    /** On JDK 17 masked loads allocate. */
    static final boolean SUPPORTED = LANES == 8 && Runtime.version().feature() >= 25;

    /** In blends: the lanes whose number has this bit. */
    private static final VectorMask<Float> UPPER_4 = lanes(lane -> (lane & 4) != 0);
    private static final VectorMask<Float> UPPER_2 = lanes(lane -> (lane & 2) != 0);
    private static final VectorMask<Float> UPPER_1 = lanes(lane -> (lane & 1) != 0);
    private static final VectorShuffle<Float> SWAP_4 = VectorShuffle.fromOp(FLOATS, lane -> (lane ^ 4) % LANES);
    private static final VectorShuffle<Float> SWAP_2 = VectorShuffle.fromOp(FLOATS, lane -> (lane ^ 2) % LANES);
    private static final VectorShuffle<Float> SWAP_1 = VectorShuffle.fromOp(FLOATS, lane -> lane ^ 1);

    /** By number: the first so many lanes. */
    private static final VectorMask<Float>[] FIRST = first();

    private VectorShortRows() {}

    private static VectorMask<Float> lanes(IntPredicate member) {
        boolean[] bits = new boolean[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            bits[lane] = member.test(lane);
        }
        return VectorMask.fromArray(FLOATS, bits, 0);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static VectorMask<Float>[] first() {
        VectorMask<Float>[] masks = new VectorMask[GROUP + 1];
        for (int i = 0; i < masks.length; i++) {
            int count = i;
            masks[i] = lanes(lane -> lane < count);
        }
        return masks;
    }

    /**
     * Norms or factors of {@code rows} rows from {@code at} on, eight at a time and as long as all eight are plain ({@link Channel});
     * returns how many.
     *
     * <p>Eight rows are loaded and transposed, so that element j of all rows is in vector j. What a
     * row of less than eight does not have is loaded as 0, which changes no sum.
     */
    static int apply(Output output, double epsilon, float[] v, int at, int length, int rows, float[] g, int gAt, float[] out, int outAt) {
        float[] gains = g == null ? ONES : g;
        int gainAt = g == null ? 0 : gAt;
        int gainStep = g == null ? 0 : 1;
        return length < GROUP ? rests(output, epsilon, v, at, length, rows, gains, gainAt, gainStep, out, outAt)
                : groups(output, epsilon, v, at, length, rows, gains, gainAt, gainStep, out, outAt);
    }

    /** Rows of less than a group: their elements are a rest, summed in order. */
    private static int rests(Output output, double epsilon, float[] v, int at, int length, int rows, float[] gains, int gainAt, int gainStep,
            float[] out, int outAt) {
        VectorMask<Float> elements = FIRST[length];
        float smallest = output == Output.NORM ? 0 : Channel.SMALLEST_FACTOR;
        float largest = output == Output.NORM ? Float.POSITIVE_INFINITY : Channel.LARGEST_FACTOR;
        for (int row = 0; row <= rows - LANES; row += LANES) {
            int base = at + row * length;
            FloatVector x0 = FloatVector.fromArray(FLOATS, v, base, elements);
            FloatVector x1 = FloatVector.fromArray(FLOATS, v, base + length, elements);
            FloatVector x2 = FloatVector.fromArray(FLOATS, v, base + 2 * length, elements);
            FloatVector x3 = FloatVector.fromArray(FLOATS, v, base + 3 * length, elements);
            FloatVector x4 = FloatVector.fromArray(FLOATS, v, base + 4 * length, elements);
            FloatVector x5 = FloatVector.fromArray(FLOATS, v, base + 5 * length, elements);
            FloatVector x6 = FloatVector.fromArray(FLOATS, v, base + 6 * length, elements);
            FloatVector x7 = FloatVector.fromArray(FLOATS, v, base + 7 * length, elements);
            FloatVector swapped;
            swapped = x0.rearrange(SWAP_4);
            x0 = x0.blend(x4.rearrange(SWAP_4), UPPER_4);
            x4 = swapped.blend(x4, UPPER_4);
            swapped = x1.rearrange(SWAP_4);
            x1 = x1.blend(x5.rearrange(SWAP_4), UPPER_4);
            x5 = swapped.blend(x5, UPPER_4);
            swapped = x2.rearrange(SWAP_4);
            x2 = x2.blend(x6.rearrange(SWAP_4), UPPER_4);
            x6 = swapped.blend(x6, UPPER_4);
            swapped = x3.rearrange(SWAP_4);
            x3 = x3.blend(x7.rearrange(SWAP_4), UPPER_4);
            x7 = swapped.blend(x7, UPPER_4);
            swapped = x0.rearrange(SWAP_2);
            x0 = x0.blend(x2.rearrange(SWAP_2), UPPER_2);
            x2 = swapped.blend(x2, UPPER_2);
            swapped = x1.rearrange(SWAP_2);
            x1 = x1.blend(x3.rearrange(SWAP_2), UPPER_2);
            x3 = swapped.blend(x3, UPPER_2);
            swapped = x4.rearrange(SWAP_2);
            x4 = x4.blend(x6.rearrange(SWAP_2), UPPER_2);
            x6 = swapped.blend(x6, UPPER_2);
            swapped = x5.rearrange(SWAP_2);
            x5 = x5.blend(x7.rearrange(SWAP_2), UPPER_2);
            x7 = swapped.blend(x7, UPPER_2);
            swapped = x0.rearrange(SWAP_1);
            x0 = x0.blend(x1.rearrange(SWAP_1), UPPER_1);
            x1 = swapped.blend(x1, UPPER_1);
            swapped = x2.rearrange(SWAP_1);
            x2 = x2.blend(x3.rearrange(SWAP_1), UPPER_1);
            x3 = swapped.blend(x3, UPPER_1);
            swapped = x4.rearrange(SWAP_1);
            x4 = x4.blend(x5.rearrange(SWAP_1), UPPER_1);
            x5 = swapped.blend(x5, UPPER_1);
            swapped = x6.rearrange(SWAP_1);
            x6 = x6.blend(x7.rearrange(SWAP_1), UPPER_1);
            x7 = swapped.blend(x7, UPPER_1);
            DoubleVector d0 = (DoubleVector) x0.convertShape(F2D, DOUBLES, 0);
            DoubleVector d1 = (DoubleVector) x1.convertShape(F2D, DOUBLES, 0);
            DoubleVector d2 = (DoubleVector) x2.convertShape(F2D, DOUBLES, 0);
            DoubleVector d3 = (DoubleVector) x3.convertShape(F2D, DOUBLES, 0);
            DoubleVector d4 = (DoubleVector) x4.convertShape(F2D, DOUBLES, 0);
            DoubleVector d5 = (DoubleVector) x5.convertShape(F2D, DOUBLES, 0);
            DoubleVector d6 = (DoubleVector) x6.convertShape(F2D, DOUBLES, 0);
            DoubleVector d7 = (DoubleVector) x7.convertShape(F2D, DOUBLES, 0);
            DoubleVector sums = d0.lanewise(MUL, d0);
            sums = FUSED ? d1.lanewise(FMA, d1, sums) : sums.lanewise(ADD, d1.lanewise(MUL, d1));
            sums = FUSED ? d2.lanewise(FMA, d2, sums) : sums.lanewise(ADD, d2.lanewise(MUL, d2));
            sums = FUSED ? d3.lanewise(FMA, d3, sums) : sums.lanewise(ADD, d3.lanewise(MUL, d3));
            sums = FUSED ? d4.lanewise(FMA, d4, sums) : sums.lanewise(ADD, d4.lanewise(MUL, d4));
            sums = FUSED ? d5.lanewise(FMA, d5, sums) : sums.lanewise(ADD, d5.lanewise(MUL, d5));
            sums = FUSED ? d6.lanewise(FMA, d6, sums) : sums.lanewise(ADD, d6.lanewise(MUL, d6));
            sums = FUSED ? d7.lanewise(FMA, d7, sums) : sums.lanewise(ADD, d7.lanewise(MUL, d7));
            DoubleVector result = sums.lanewise(ADD, DoubleVector.broadcast(DOUBLES, epsilon)).lanewise(SQRT);
            if (output != Output.NORM) {
                FloatVector gain = FloatVector.fromArray(FLOATS, gains, gainAt + row * gainStep);
                if (!gain.lanewise(ABS).compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_GAIN)).allTrue()) {
                    return row;
                }
                result = ((DoubleVector) gain.convertShape(F2D, DOUBLES, 0)).lanewise(DIV, result);
            }
            FloatVector rounded = (FloatVector) FLOATS_CLASS.cast(result.convertShape(D2F, FLOATS, 0));
            FloatVector magnitude = rounded.lanewise(ABS);
            // NaN passes neither comparison.
            if (!magnitude.compare(GE, FloatVector.broadcast(FLOATS, smallest)).allTrue()
                    || !magnitude.compare(LE, FloatVector.broadcast(FLOATS, largest)).allTrue()) {
                return row;
            }
            rounded.intoArray(out, outAt + row);
        }
        return rows & -LANES;
    }

    /** Rows of a group, folded 8→4→2→1. */
    private static int groups(Output output, double epsilon, float[] v, int at, int length, int rows, float[] gains, int gainAt, int gainStep,
            float[] out, int outAt) {
        VectorMask<Float> elements = FIRST[length];
        float smallest = output == Output.NORM ? 0 : Channel.SMALLEST_FACTOR;
        float largest = output == Output.NORM ? Float.POSITIVE_INFINITY : Channel.LARGEST_FACTOR;
        for (int row = 0; row <= rows - LANES; row += LANES) {
            int base = at + row * length;
            FloatVector x0 = FloatVector.fromArray(FLOATS, v, base, elements);
            FloatVector x1 = FloatVector.fromArray(FLOATS, v, base + length, elements);
            FloatVector x2 = FloatVector.fromArray(FLOATS, v, base + 2 * length, elements);
            FloatVector x3 = FloatVector.fromArray(FLOATS, v, base + 3 * length, elements);
            FloatVector x4 = FloatVector.fromArray(FLOATS, v, base + 4 * length, elements);
            FloatVector x5 = FloatVector.fromArray(FLOATS, v, base + 5 * length, elements);
            FloatVector x6 = FloatVector.fromArray(FLOATS, v, base + 6 * length, elements);
            FloatVector x7 = FloatVector.fromArray(FLOATS, v, base + 7 * length, elements);
            FloatVector swapped;
            swapped = x0.rearrange(SWAP_4);
            x0 = x0.blend(x4.rearrange(SWAP_4), UPPER_4);
            x4 = swapped.blend(x4, UPPER_4);
            swapped = x1.rearrange(SWAP_4);
            x1 = x1.blend(x5.rearrange(SWAP_4), UPPER_4);
            x5 = swapped.blend(x5, UPPER_4);
            swapped = x2.rearrange(SWAP_4);
            x2 = x2.blend(x6.rearrange(SWAP_4), UPPER_4);
            x6 = swapped.blend(x6, UPPER_4);
            swapped = x3.rearrange(SWAP_4);
            x3 = x3.blend(x7.rearrange(SWAP_4), UPPER_4);
            x7 = swapped.blend(x7, UPPER_4);
            swapped = x0.rearrange(SWAP_2);
            x0 = x0.blend(x2.rearrange(SWAP_2), UPPER_2);
            x2 = swapped.blend(x2, UPPER_2);
            swapped = x1.rearrange(SWAP_2);
            x1 = x1.blend(x3.rearrange(SWAP_2), UPPER_2);
            x3 = swapped.blend(x3, UPPER_2);
            swapped = x4.rearrange(SWAP_2);
            x4 = x4.blend(x6.rearrange(SWAP_2), UPPER_2);
            x6 = swapped.blend(x6, UPPER_2);
            swapped = x5.rearrange(SWAP_2);
            x5 = x5.blend(x7.rearrange(SWAP_2), UPPER_2);
            x7 = swapped.blend(x7, UPPER_2);
            swapped = x0.rearrange(SWAP_1);
            x0 = x0.blend(x1.rearrange(SWAP_1), UPPER_1);
            x1 = swapped.blend(x1, UPPER_1);
            swapped = x2.rearrange(SWAP_1);
            x2 = x2.blend(x3.rearrange(SWAP_1), UPPER_1);
            x3 = swapped.blend(x3, UPPER_1);
            swapped = x4.rearrange(SWAP_1);
            x4 = x4.blend(x5.rearrange(SWAP_1), UPPER_1);
            x5 = swapped.blend(x5, UPPER_1);
            swapped = x6.rearrange(SWAP_1);
            x6 = x6.blend(x7.rearrange(SWAP_1), UPPER_1);
            x7 = swapped.blend(x7, UPPER_1);
            DoubleVector d0 = (DoubleVector) x0.convertShape(F2D, DOUBLES, 0);
            DoubleVector d1 = (DoubleVector) x1.convertShape(F2D, DOUBLES, 0);
            DoubleVector d2 = (DoubleVector) x2.convertShape(F2D, DOUBLES, 0);
            DoubleVector d3 = (DoubleVector) x3.convertShape(F2D, DOUBLES, 0);
            DoubleVector d4 = (DoubleVector) x4.convertShape(F2D, DOUBLES, 0);
            DoubleVector d5 = (DoubleVector) x5.convertShape(F2D, DOUBLES, 0);
            DoubleVector d6 = (DoubleVector) x6.convertShape(F2D, DOUBLES, 0);
            DoubleVector d7 = (DoubleVector) x7.convertShape(F2D, DOUBLES, 0);
            DoubleVector sums = d0.lanewise(MUL, d0);
            sums = FUSED ? d4.lanewise(FMA, d4, sums) : sums.lanewise(ADD, d4.lanewise(MUL, d4));
            DoubleVector sums2 = d2.lanewise(MUL, d2);
            sums2 = FUSED ? d6.lanewise(FMA, d6, sums2) : sums2.lanewise(ADD, d6.lanewise(MUL, d6));
            DoubleVector sums1 = d1.lanewise(MUL, d1);
            sums1 = FUSED ? d5.lanewise(FMA, d5, sums1) : sums1.lanewise(ADD, d5.lanewise(MUL, d5));
            DoubleVector sums3 = d3.lanewise(MUL, d3);
            sums3 = FUSED ? d7.lanewise(FMA, d7, sums3) : sums3.lanewise(ADD, d7.lanewise(MUL, d7));
            sums = sums.lanewise(ADD, sums2).lanewise(ADD, sums1.lanewise(ADD, sums3));
            DoubleVector result = sums.lanewise(ADD, DoubleVector.broadcast(DOUBLES, epsilon)).lanewise(SQRT);
            if (output != Output.NORM) {
                FloatVector gain = FloatVector.fromArray(FLOATS, gains, gainAt + row * gainStep);
                if (!gain.lanewise(ABS).compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_GAIN)).allTrue()) {
                    return row;
                }
                result = ((DoubleVector) gain.convertShape(F2D, DOUBLES, 0)).lanewise(DIV, result);
            }
            FloatVector rounded = (FloatVector) FLOATS_CLASS.cast(result.convertShape(D2F, FLOATS, 0));
            FloatVector magnitude = rounded.lanewise(ABS);
            // NaN passes neither comparison.
            if (!magnitude.compare(GE, FloatVector.broadcast(FLOATS, smallest)).allTrue()
                    || !magnitude.compare(LE, FloatVector.broadcast(FLOATS, largest)).allTrue()) {
                return row;
            }
            rounded.intoArray(out, outAt + row);
        }
        return rows & -LANES;
    }

    /** Rows of 2 to 16 times a factor each; returns how many rows are done. */
    static int multiply(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int rows, int length) {
        if (!EIGHT_FLOATS || length > 2 * GROUP) {
            return 0;
        }
        if (length > GROUP) {
            multiplyTwice(v, vAt, factors, factorsAt, w, wAt, rows, length);
            return rows;
        }
        int done = length == GROUP ? rows : Math.max(0, rows - GROUP);
        multiplyOnce(v, vAt, factors, factorsAt, w, wAt, done, length);
        return done;
    }

    /**
     * A vector for each row. Where it goes over the row's end, the next row's writes over what it leaves there; so more rows have to
     * follow.
     */
    private static void multiplyOnce(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int rows, int length) {
        for (int row = 0; row < rows; row++, vAt += length, wAt += length) {
            ((FloatVector) EIGHT_CLASS.cast(FloatVector.fromArray(EIGHT, v, vAt)))
                    .lanewise(MUL, FloatVector.broadcast(EIGHT, factors[factorsAt + row])).intoArray(w, wAt);
        }
    }

    /** A vector for the beginning of each row and one for its end. */
    private static void multiplyTwice(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int rows, int length) {
        int end = length - GROUP;
        for (int row = 0; row < rows; row++, vAt += length, wAt += length) {
            FloatVector factor = FloatVector.broadcast(EIGHT, factors[factorsAt + row]);
            ((FloatVector) EIGHT_CLASS.cast(FloatVector.fromArray(EIGHT, v, vAt))).lanewise(MUL, factor).intoArray(w, wAt);
            ((FloatVector) EIGHT_CLASS.cast(FloatVector.fromArray(EIGHT, v, vAt + end))).lanewise(MUL, factor).intoArray(w, wAt + end);
        }
    }
}
