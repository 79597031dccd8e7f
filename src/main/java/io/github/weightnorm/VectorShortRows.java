package io.github.weightnorm;

import static io.github.weightnorm.Kernels.GROUP;
import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FLOATS_CLASS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.ONES;
import static io.github.weightnorm.VectorLanes.SWAP_1;
import static io.github.weightnorm.VectorLanes.SWAP_2;
import static io.github.weightnorm.VectorLanes.SWAP_4;
import static io.github.weightnorm.VectorLanes.SWAP_SUMS_1;
import static io.github.weightnorm.VectorLanes.SWAP_SUMS_2;
import static io.github.weightnorm.VectorLanes.SWAP_SUMS_4;
import static io.github.weightnorm.VectorLanes.UPPER_1;
import static io.github.weightnorm.VectorLanes.UPPER_2;
import static io.github.weightnorm.VectorLanes.UPPER_4;
import static io.github.weightnorm.VectorLanes.UPPER_SUMS_1;
import static io.github.weightnorm.VectorLanes.UPPER_SUMS_2;
import static io.github.weightnorm.VectorLanes.UPPER_SUMS_4;
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static io.github.weightnorm.VectorLanes.floatsFrom;
import static io.github.weightnorm.VectorLanes.widesFrom;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.DIV;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.SQRT;

import io.github.weightnorm.Kernels.Output;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Rows of three to eight elements, eight rows at a time: lane = row. For 512 bit only, where a vector holds eight sums. What a row waits for
 * otherwise, a square root and a division, eight then share. Weights are written when the last of eight rows is read, so also in place.
 */
final class VectorShortRows {

    /** On JDK 17 masks allocate. */
    static final boolean SUPPORTED = LANES == 8 && Runtime.version().feature() >= 25;
    /** One or two elements: scalar code has no sum to wait for. */
    private static final int SHORTEST = 3;

    /** The factors of two rows each, for products of both at once. */
    private static final VectorShuffle<Float> GROUPS_OF_0 = widesFrom(lane -> lane / GROUP);
    private static final VectorShuffle<Float> GROUPS_OF_1 = widesFrom(lane -> 2 + lane / GROUP);
    private static final VectorShuffle<Float> GROUPS_OF_2 = widesFrom(lane -> 4 + lane / GROUP);
    private static final VectorShuffle<Float> GROUPS_OF_3 = widesFrom(lane -> 6 + lane / GROUP);
    /** The factor of one row. */
    private static final VectorShuffle<Float> ALL_0 = floatsFrom(lane -> 0);
    private static final VectorShuffle<Float> ALL_1 = floatsFrom(lane -> 1);
    private static final VectorShuffle<Float> ALL_2 = floatsFrom(lane -> 2);
    private static final VectorShuffle<Float> ALL_3 = floatsFrom(lane -> 3);
    private static final VectorShuffle<Float> ALL_4 = floatsFrom(lane -> 4);
    private static final VectorShuffle<Float> ALL_5 = floatsFrom(lane -> 5);
    private static final VectorShuffle<Float> ALL_6 = floatsFrom(lane -> 6);
    private static final VectorShuffle<Float> ALL_7 = floatsFrom(lane -> 7);

    private VectorShortRows() {}

    /** Whether it has rows of that length. */
    static boolean takes(int length) {
        return SUPPORTED && length >= SHORTEST && length <= GROUP;
    }

    /**
     * Norms, scales, factors or weights of {@code rows} rows from {@code at} on, eight at a time and as long as all eight are plain
     * ({@link Channel}); returns how many.
     */
    static int apply(Output output, double epsilon, float[] v, int at, int length, int rows, float[] g, int gAt, float[] out, int outAt) {
        float[] gains = g == null ? ONES : g;
        int gainAt = g == null ? 0 : gAt;
        int gainStep = g == null ? 0 : 1;
        if (length == GROUP) {
            return groups(output, epsilon, v, at, rows, gains, gainAt, gainStep, out, outAt);
        }
        return VectorOddRows.takes(length) ? VectorOddRows.apply(output, epsilon, v, at, length, rows, gains, gainAt, gainStep, out, outAt)
                : rests(output, epsilon, v, at, length, rows, gains, gainAt, gainStep, out, outAt);
    }

    /** Rows of four to six, one to a vector, and transposed. */
    private static int rests(Output output, double epsilon, float[] v, int at, int length, int rows, float[] gains, int gainAt, int gainStep,
            float[] out, int outAt) {
        float smallest = output == Output.NORM ? 0 : Channel.SMALLEST_FACTOR;
        float largest = output == Output.NORM ? Float.POSITIVE_INFINITY : Channel.LARGEST_FACTOR;
        VectorMask<Float> elements = FLOATS.indexInRange(0, length);
        for (int row = 0; row <= rows - LANES; row += LANES) {
            int base = at + row * length;
            FloatVector x0 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base));
            FloatVector x1 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + length));
            FloatVector x2 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 2 * length));
            FloatVector x3 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 3 * length));
            FloatVector x4 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 4 * length));
            FloatVector x5 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 5 * length));
            FloatVector x6 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 6 * length));
            FloatVector x7 = FloatVector.fromArray(FLOATS, v, base + 7 * length, elements);
            FloatVector a0 = x0.blend(x4.rearrange(SWAP_4), UPPER_4);
            FloatVector a4 = x0.rearrange(SWAP_4).blend(x4, UPPER_4);
            FloatVector a1 = x1.blend(x5.rearrange(SWAP_4), UPPER_4);
            FloatVector a5 = x1.rearrange(SWAP_4).blend(x5, UPPER_4);
            FloatVector a2 = x2.blend(x6.rearrange(SWAP_4), UPPER_4);
            FloatVector a6 = x2.rearrange(SWAP_4).blend(x6, UPPER_4);
            FloatVector a3 = x3.blend(x7.rearrange(SWAP_4), UPPER_4);
            FloatVector a7 = x3.rearrange(SWAP_4).blend(x7, UPPER_4);
            FloatVector b0 = a0.blend(a2.rearrange(SWAP_2), UPPER_2);
            FloatVector b2 = a0.rearrange(SWAP_2).blend(a2, UPPER_2);
            FloatVector b1 = a1.blend(a3.rearrange(SWAP_2), UPPER_2);
            FloatVector b3 = a1.rearrange(SWAP_2).blend(a3, UPPER_2);
            FloatVector b4 = a4.blend(a6.rearrange(SWAP_2), UPPER_2);
            FloatVector b5 = a5.blend(a7.rearrange(SWAP_2), UPPER_2);
            FloatVector c0 = b0.blend(b1.rearrange(SWAP_1), UPPER_1);
            FloatVector c1 = b0.rearrange(SWAP_1).blend(b1, UPPER_1);
            FloatVector c2 = b2.blend(b3.rearrange(SWAP_1), UPPER_1);
            FloatVector c3 = b2.rearrange(SWAP_1).blend(b3, UPPER_1);
            FloatVector c4 = b4.blend(b5.rearrange(SWAP_1), UPPER_1);
            FloatVector c5 = b4.rearrange(SWAP_1).blend(b5, UPPER_1);
            DoubleVector x = (DoubleVector) c0.convertShape(F2D, DOUBLES, 0);
            DoubleVector sums = x.lanewise(MUL, x);
            x = (DoubleVector) c1.convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) c2.convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) c3.convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            if (length > 4) {
                x = (DoubleVector) c4.convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            }
            if (length > 5) {
                x = (DoubleVector) c5.convertShape(F2D, DOUBLES, 0);
                sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            }
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
            if (output != Output.WEIGHT) {
                rounded.intoArray(out, outAt + row);
                continue;
            }
            int wAt = outAt + row * length;
            // What a vector writes behind its row, the next one writes over.
            x0.lanewise(MUL, rounded.rearrange(ALL_0)).intoArray(out, wAt);
            x1.lanewise(MUL, rounded.rearrange(ALL_1)).intoArray(out, wAt + length);
            x2.lanewise(MUL, rounded.rearrange(ALL_2)).intoArray(out, wAt + 2 * length);
            x3.lanewise(MUL, rounded.rearrange(ALL_3)).intoArray(out, wAt + 3 * length);
            x4.lanewise(MUL, rounded.rearrange(ALL_4)).intoArray(out, wAt + 4 * length);
            x5.lanewise(MUL, rounded.rearrange(ALL_5)).intoArray(out, wAt + 5 * length);
            x6.lanewise(MUL, rounded.rearrange(ALL_6)).intoArray(out, wAt + 6 * length);
            x7.lanewise(MUL, rounded.rearrange(ALL_7)).intoArray(out, wAt + 7 * length, elements);
        }
        return rows & -LANES;
    }

    /**
     * Rows of a group, folded 8→4→2→1 and transposed on the way: each step adds one half of a row's sums to the other, and fills
     * the lanes that become free with another row's.
     */
    private static int groups(Output output, double epsilon, float[] v, int at, int rows, float[] gains, int gainAt, int gainStep,
            float[] out, int outAt) {
        float smallest = output == Output.NORM ? 0 : Channel.SMALLEST_FACTOR;
        float largest = output == Output.NORM ? Float.POSITIVE_INFINITY : Channel.LARGEST_FACTOR;
        for (int row = 0; row <= rows - LANES; row += LANES) {
            int base = at + row * GROUP;
            DoubleVector p0 = (DoubleVector) FloatVector.fromArray(FLOATS, v, base).convertShape(F2D, DOUBLES, 0);
            DoubleVector p1 = (DoubleVector) FloatVector.fromArray(FLOATS, v, base + GROUP).convertShape(F2D, DOUBLES, 0);
            DoubleVector p2 = (DoubleVector) FloatVector.fromArray(FLOATS, v, base + 2 * GROUP).convertShape(F2D, DOUBLES, 0);
            DoubleVector p3 = (DoubleVector) FloatVector.fromArray(FLOATS, v, base + 3 * GROUP).convertShape(F2D, DOUBLES, 0);
            DoubleVector p4 = (DoubleVector) FloatVector.fromArray(FLOATS, v, base + 4 * GROUP).convertShape(F2D, DOUBLES, 0);
            DoubleVector p5 = (DoubleVector) FloatVector.fromArray(FLOATS, v, base + 5 * GROUP).convertShape(F2D, DOUBLES, 0);
            DoubleVector p6 = (DoubleVector) FloatVector.fromArray(FLOATS, v, base + 6 * GROUP).convertShape(F2D, DOUBLES, 0);
            DoubleVector p7 = (DoubleVector) FloatVector.fromArray(FLOATS, v, base + 7 * GROUP).convertShape(F2D, DOUBLES, 0);
            p0 = p0.lanewise(MUL, p0);
            p1 = p1.lanewise(MUL, p1);
            p2 = p2.lanewise(MUL, p2);
            p3 = p3.lanewise(MUL, p3);
            p4 = p4.lanewise(MUL, p4);
            p5 = p5.lanewise(MUL, p5);
            p6 = p6.lanewise(MUL, p6);
            p7 = p7.lanewise(MUL, p7);
            p0 = p0.blend(p4, UPPER_SUMS_4).lanewise(ADD, p4.blend(p0, UPPER_SUMS_4).rearrange(SWAP_SUMS_4));
            p1 = p1.blend(p5, UPPER_SUMS_4).lanewise(ADD, p5.blend(p1, UPPER_SUMS_4).rearrange(SWAP_SUMS_4));
            p2 = p2.blend(p6, UPPER_SUMS_4).lanewise(ADD, p6.blend(p2, UPPER_SUMS_4).rearrange(SWAP_SUMS_4));
            p3 = p3.blend(p7, UPPER_SUMS_4).lanewise(ADD, p7.blend(p3, UPPER_SUMS_4).rearrange(SWAP_SUMS_4));
            p0 = p0.blend(p2, UPPER_SUMS_2).lanewise(ADD, p2.blend(p0, UPPER_SUMS_2).rearrange(SWAP_SUMS_2));
            p1 = p1.blend(p3, UPPER_SUMS_2).lanewise(ADD, p3.blend(p1, UPPER_SUMS_2).rearrange(SWAP_SUMS_2));
            p0 = p0.blend(p1, UPPER_SUMS_1).lanewise(ADD, p1.blend(p0, UPPER_SUMS_1).rearrange(SWAP_SUMS_1));
            DoubleVector result = p0.lanewise(ADD, DoubleVector.broadcast(DOUBLES, epsilon)).lanewise(SQRT);
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
            if (output != Output.WEIGHT) {
                rounded.intoArray(out, outAt + row);
                continue;
            }
            int wAt = outAt + row * GROUP;
            FloatVector factors = (FloatVector) WIDE_CLASS.cast(result.convertShape(D2F, WIDE, 0));
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, base))).lanewise(MUL, factors.rearrange(GROUPS_OF_0))
                    .intoArray(out, wAt);
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, base + 2 * GROUP))).lanewise(MUL, factors.rearrange(GROUPS_OF_1))
                    .intoArray(out, wAt + 2 * GROUP);
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, base + 4 * GROUP))).lanewise(MUL, factors.rearrange(GROUPS_OF_2))
                    .intoArray(out, wAt + 4 * GROUP);
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, base + 6 * GROUP))).lanewise(MUL, factors.rearrange(GROUPS_OF_3))
                    .intoArray(out, wAt + 6 * GROUP);
        }
        return rows & -LANES;
    }
}
