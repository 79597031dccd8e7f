package io.github.weightnorm;

import static io.github.weightnorm.Kernels.GROUP;
import static io.github.weightnorm.Kernels.PARTIALS;
import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FLOATS_CLASS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.ONES;
import static io.github.weightnorm.VectorLanes.SWAP_SUMS_1;
import static io.github.weightnorm.VectorLanes.SWAP_SUMS_2;
import static io.github.weightnorm.VectorLanes.SWAP_SUMS_4;
import static io.github.weightnorm.VectorLanes.UPPER_SUMS_1;
import static io.github.weightnorm.VectorLanes.UPPER_SUMS_2;
import static io.github.weightnorm.VectorLanes.UPPER_SUMS_4;
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static io.github.weightnorm.VectorLanes.floats;
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

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Weights of rows of 16 to 128 elements, whole groups, eight rows at a time. A row's eight sums, once its blocks are folded, are a vector; those
 * of eight rows are folded and transposed together, and eight rows share a square root and a division. In between, sums and then factors
 * lie where the eight rows' weights will be, so the output has to be apart from the input.
 *
 * <p>Longer rows hide their fold behind the next row's sum ({@link VectorLongRows}), for which these are too short.
 */
final class VectorMediumRows {

    private static final int SHORTEST = 2 * GROUP;
    private static final int LONGEST = 128;
    /** What eight doubles take, in floats. */
    private static final int SUMS = 2 * GROUP;

    private VectorMediumRows() {}

    /** Whether it has rows of that length. */
    static boolean takes(int length) {
        return VectorShortRows.SUPPORTED && length >= SHORTEST && length <= LONGEST && length % GROUP == 0;
    }

    /** Weights of {@code rows} rows from {@code at} on, eight at a time and as long as all eight are plain ({@link Channel}); returns how many. */
    static int weights(double epsilon, float[] v, int at, int length, int rows, float[] g, int gAt, float[] w, int wAt) {
        float[] gains = g == null ? ONES : g;
        int gainAt = g == null ? 0 : gAt;
        int gainStep = g == null ? 0 : 1;
        for (int row = 0; row <= rows - GROUP; row += GROUP) {
            int element = row * length;
            int sumsAt = wAt + element;
            int factorsAt = sumsAt + GROUP * length - GROUP;
            sums(v, at + element, length, w, sumsAt);
            if (!factors(epsilon, w, sumsAt, gains, gainAt + row * gainStep, factorsAt)) {
                return row;
            }
            multiply(v, at + element, length, w, factorsAt, wAt + element);
        }
        return rows & -GROUP;
    }

    /** Eight sums of each row, as raw bits: two floats to a double. */
    private static void sums(float[] v, int at, int length, float[] w, int sumsAt) {
        for (int row = 0; row < GROUP; row++) {
            DoubleVector p0 = DoubleVector.zero(DOUBLES);
            DoubleVector p8 = p0;
            DoubleVector p16 = p0;
            DoubleVector p24 = p0;
            DoubleVector x;
            int j = at + row * length;
            int last = j + length;
            for (int end = j + (length & -PARTIALS); j < end; j += PARTIALS) {
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
                p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 8).convertShape(F2D, DOUBLES, 0);
                p8 = FUSED ? x.lanewise(FMA, x, p8) : p8.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 16).convertShape(F2D, DOUBLES, 0);
                p16 = FUSED ? x.lanewise(FMA, x, p16) : p16.lanewise(ADD, x.lanewise(MUL, x));
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 24).convertShape(F2D, DOUBLES, 0);
                p24 = FUSED ? x.lanewise(FMA, x, p24) : p24.lanewise(ADD, x.lanewise(MUL, x));
            }
            for (; j < last; j += GROUP) {
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
                p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            }
            DoubleVector sums = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
            ((FloatVector) WIDE_CLASS.cast(sums.reinterpretAsFloats())).intoArray(w, sumsAt + row * SUMS);
        }
    }

    /** The factors of eight rows, if all are plain. */
    private static boolean factors(double epsilon, float[] w, int sumsAt, float[] gains, int gainAt, int factorsAt) {
        DoubleVector p0 = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt))).reinterpretAsDoubles();
        DoubleVector p1 = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 1 * SUMS))).reinterpretAsDoubles();
        DoubleVector p2 = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 2 * SUMS))).reinterpretAsDoubles();
        DoubleVector p3 = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 3 * SUMS))).reinterpretAsDoubles();
        DoubleVector p4 = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 4 * SUMS))).reinterpretAsDoubles();
        DoubleVector p5 = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 5 * SUMS))).reinterpretAsDoubles();
        DoubleVector p6 = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 6 * SUMS))).reinterpretAsDoubles();
        DoubleVector p7 = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, w, sumsAt + 7 * SUMS))).reinterpretAsDoubles();
        p0 = p0.blend(p4, UPPER_SUMS_4).lanewise(ADD, p4.blend(p0, UPPER_SUMS_4).rearrange(SWAP_SUMS_4));
        p1 = p1.blend(p5, UPPER_SUMS_4).lanewise(ADD, p5.blend(p1, UPPER_SUMS_4).rearrange(SWAP_SUMS_4));
        p2 = p2.blend(p6, UPPER_SUMS_4).lanewise(ADD, p6.blend(p2, UPPER_SUMS_4).rearrange(SWAP_SUMS_4));
        p3 = p3.blend(p7, UPPER_SUMS_4).lanewise(ADD, p7.blend(p3, UPPER_SUMS_4).rearrange(SWAP_SUMS_4));
        p0 = p0.blend(p2, UPPER_SUMS_2).lanewise(ADD, p2.blend(p0, UPPER_SUMS_2).rearrange(SWAP_SUMS_2));
        p1 = p1.blend(p3, UPPER_SUMS_2).lanewise(ADD, p3.blend(p1, UPPER_SUMS_2).rearrange(SWAP_SUMS_2));
        p0 = p0.blend(p1, UPPER_SUMS_1).lanewise(ADD, p1.blend(p0, UPPER_SUMS_1).rearrange(SWAP_SUMS_1));
        DoubleVector result = p0.lanewise(ADD, DoubleVector.broadcast(DOUBLES, epsilon)).lanewise(SQRT);
        FloatVector gain = FloatVector.fromArray(FLOATS, gains, gainAt);
        if (!gain.lanewise(ABS).compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_GAIN)).allTrue()) {
            return false;
        }
        result = ((DoubleVector) gain.convertShape(F2D, DOUBLES, 0)).lanewise(DIV, result);
        FloatVector rounded = (FloatVector) FLOATS_CLASS.cast(result.convertShape(D2F, FLOATS, 0));
        FloatVector magnitude = rounded.lanewise(ABS);
        // NaN passes neither comparison.
        if (!magnitude.compare(GE, FloatVector.broadcast(FLOATS, Channel.SMALLEST_FACTOR)).allTrue()
                || !magnitude.compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_FACTOR)).allTrue()) {
            return false;
        }
        rounded.intoArray(w, factorsAt);
        return true;
    }

    /** Upwards, so that no factor is overwritten before its turn. Written out: a loop of few rounds, C2 would spend more on setting up. */
    private static void multiply(float[] v, int vAt, int length, float[] w, int factorsAt, int wAt) {
        for (int row = 0; row < GROUP; row++, vAt += length, wAt += length) {
            float factor = w[factorsAt + row];
            FloatVector factors = FloatVector.broadcast(WIDE, factor);
            if ((length & GROUP) != 0) {
                int last = length - GROUP;
                ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt + last)))
                        .lanewise(MUL, FloatVector.broadcast(FLOATS, factor)).intoArray(w, wAt + last);
            }
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt))).lanewise(MUL, factors).intoArray(w, wAt);
            if (length < 32) {
                continue;
            }
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + 16))).lanewise(MUL, factors).intoArray(w, wAt + 16);
            if (length < 48) {
                continue;
            }
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + 32))).lanewise(MUL, factors).intoArray(w, wAt + 32);
            if (length < 64) {
                continue;
            }
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + 48))).lanewise(MUL, factors).intoArray(w, wAt + 48);
            if (length < 80) {
                continue;
            }
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + 64))).lanewise(MUL, factors).intoArray(w, wAt + 64);
            if (length < 96) {
                continue;
            }
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + 80))).lanewise(MUL, factors).intoArray(w, wAt + 80);
            if (length < 112) {
                continue;
            }
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + 96))).lanewise(MUL, factors).intoArray(w, wAt + 96);
            if (length < 128) {
                continue;
            }
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + 112))).lanewise(MUL, factors).intoArray(w, wAt + 112);
        }
    }
}
