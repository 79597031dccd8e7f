package io.github.weightnorm;

import static io.github.weightnorm.Kernels.GROUP;
import static io.github.weightnorm.Kernels.PARTIALS;
import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.DOWN_BY_1;
import static io.github.weightnorm.VectorLanes.DOWN_BY_2;
import static io.github.weightnorm.VectorLanes.DOWN_BY_4;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FLOATS_CLASS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.LINE;
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.MUL;

import io.github.weightnorm.Kernels.Output;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Weights of rows of {@link Kernels#SHORTEST_LONG_ROW} elements and more: while one row is scaled, the next is summed. Reading from and writing
 * to memory at once is faster than in turn, and the sum's conversions hide behind both.
 */
final class VectorLongRows {

    private VectorLongRows() {}

    /** Weights of {@code rows} rows from {@code vAt} on, as long as they are plain ({@link Channel}); returns how many. */
    static int weights(double epsilon, float[] v, int vAt, int length, int rows, float[] g, int gAt, float[] w, int wAt) {
        double sum = rows > 0 ? VectorRows.sumOfSquares(v, vAt, length) : 0;
        for (int row = 0; row < rows; row++, vAt += length, wAt += length) {
            float factor = Kernels.value(Output.WEIGHT, sum, epsilon, g, gAt + row);
            if (factor != factor) {
                return row;
            }
            if (LANES == GROUP && row < rows - 1) {
                sum = multiplyAndSumNext(v, vAt, factor, w, wAt, length);
            } else {
                VectorRows.multiply(v, vAt, factor, w, wAt, length);
                sum = row < rows - 1 ? VectorRows.sumOfSquares(v, vAt + length, length) : 0;
            }
        }
        return rows;
    }

    /**
     * {@link VectorRows#multiply} for a row, and {@link VectorRows#sumOfSquares} of the one that follows it in v, for 512 bit only.
     *
     * <p>A vector that lies across two cache lines is loaded and stored as two. So products begin at a line, where that is known
     * ({@link VectorLanes#toLine}); what comes before it and what is left in the end is multiplied apart.
     * Sums can't follow them: their lanes are given by the canonical order.
     *
     * <p>Sums come first in each round: where rows lie a multiple of 4 KiB apart, a load that follows a store to the same place of another
     * page would wait for it.
     */
    private static double multiplyAndSumNext(float[] v, int vAt, float factor, float[] w, int wAt, int length) {
        FloatVector wideFactors = FloatVector.broadcast(WIDE, factor);
        int lead = VectorLanes.toLine(v, vAt);
        multiplyFew(v, vAt, factor, w, wAt, lead);
        DoubleVector p0 = DoubleVector.zero(DOUBLES);
        DoubleVector p8 = p0;
        DoubleVector p16 = p0;
        DoubleVector p24 = p0;
        DoubleVector x;
        int next = vAt + length;
        int from = vAt + lead;
        int to = wAt + lead;
        int j = next;
        for (int end = next + (length - lead & -PARTIALS); j < end; j += PARTIALS, from += PARTIALS, to += PARTIALS) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 8).convertShape(F2D, DOUBLES, 0);
            p8 = FUSED ? x.lanewise(FMA, x, p8) : p8.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 16).convertShape(F2D, DOUBLES, 0);
            p16 = FUSED ? x.lanewise(FMA, x, p16) : p16.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 24).convertShape(F2D, DOUBLES, 0);
            p24 = FUSED ? x.lanewise(FMA, x, p24) : p24.lanewise(ADD, x.lanewise(MUL, x));
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, from))).lanewise(MUL, wideFactors).intoArray(w, to);
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, from + 16))).lanewise(MUL, wideFactors).intoArray(w, to + 16);
        }
        if (j < next + (length & -PARTIALS)) {
            // Products ended a block earlier, because they began later. The sums change places, so that one conversion serves all four:
            // more would go beyond what C2 inlines.
            for (int i = 0; i < PARTIALS / GROUP; i++) {
                x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
                x = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
                p0 = p8;
                p8 = p16;
                p16 = p24;
                p24 = x;
                j += GROUP;
            }
        }
        for (int end = next + (length & -GROUP); j < end; j += GROUP) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
        }
        double rest = ScalarKernels.rest(v, j, 1, 0, next + length - j);
        multiplyFew(v, from, factor, w, to, next - from);
        DoubleVector sums = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
        sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_4));
        sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_2));
        return sums.lanewise(ADD, sums.rearrange(DOWN_BY_1)).lane(0) + rest;
    }

    /** Products of less than two vectors: one from the beginning and one to the end, both loaded before either is stored. */
    private static void multiplyFew(float[] v, int vAt, float factor, float[] w, int wAt, int length) {
        if (length >= LINE) {
            FloatVector factors = FloatVector.broadcast(WIDE, factor);
            int last = length - LINE;
            FloatVector x = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt))).lanewise(MUL, factors);
            FloatVector y = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + last))).lanewise(MUL, factors);
            x.intoArray(w, wAt);
            y.intoArray(w, wAt + last);
        } else if (length >= GROUP) {
            FloatVector factors = FloatVector.broadcast(FLOATS, factor);
            int last = length - GROUP;
            FloatVector x = ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt))).lanewise(MUL, factors);
            FloatVector y = ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt + last))).lanewise(MUL, factors);
            x.intoArray(w, wAt);
            y.intoArray(w, wAt + last);
        } else {
            for (int i = 0; i < length; i++) {
                w[wAt + i] = v[vAt + i] * factor;
            }
        }
    }
}
