package io.github.weightnorm;

import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.MUL;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * The two sums of channels across the last axis: lane = channel, and memory is passed in its order, because channel after channel, or a
 * strip of them, each run would be in another page.
 *
 * <p>Two doubles for each channel are then under way at once, too many for registers. They lie where the last four runs of dv will be,
 * as raw bits, one in the place of two floats: the sums of the left half of the channels in the last two of these runs, squares and
 * products, those of the right half in the two before.
 */
final class VectorColumnSums {

    /** The runs that sums are kept in. */
    private static final int RUNS = 4;

    private VectorColumnSums() {}

    /** How many of so many neighbouring channels {@link #coefficients} takes at once. */
    static int width(Layout layout, int channels) {
        return VectorColumns.COLUMNS && layout.inner() == 1 && layout.outer() >= RUNS ? channels & -2 * LANES : 0;
    }

    /** Puts the coefficients of {@code width} channels, from one on, where {@link GradientKernels#keep} does; dv is neither dw nor v. */
    static void coefficients(WeightNorm layer, int from, int width, float[] dw, int dwOffset, float[] v, int vOffset, float[] g,
            int gOffset, float[] dv, int dvOffset, float[] dg, int dgOffset) {
        int runs = layer.layout.outer();
        int stride = layer.layout.stride();
        int half = width / 2;
        int right = dvOffset + from + (runs - RUNS) * stride;
        int left = right + 2 * stride;
        for (int run = 0; run < RUNS; run++) {
            Arrays.fill(dv, right + run * stride, right + run * stride + width, 0);
        }
        int at = from;
        for (int run = 0; run < runs; run++, at += stride) {
            add(dw, dwOffset + at, v, vOffset + at, half, dv, left, left + stride);
            add(dw, dwOffset + at + half, v, vOffset + at + half, half, dv, right, right + stride);
        }
        // The left ones first, and upwards: coefficients then overwrite only sums that have been read.
        for (int i = 0; i < width; i++) {
            int squares = i < half ? left + 2 * i : right + 2 * (i - half);
            long coefficients = ChannelGradient.coefficients(sum(dv, squares), sum(dv, squares + stride), layer.epsilon,
                    g[gOffset + from + i], dg, dgOffset + from + i);
            GradientKernels.keep(coefficients, layer, from + i, dv, dvOffset);
        }
    }

    /** Adds the squares and products of a part of a run to the sums. */
    private static void add(float[] dw, int dwAt, float[] v, int vAt, int length, float[] sums, int squares, int products) {
        DoubleVector x;
        DoubleVector y;
        DoubleVector p;
        DoubleVector q;
        for (int i = 0; i < length; i += LANES) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + i).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + i).convertShape(F2D, DOUBLES, 0);
            p = FloatVector.fromArray(WIDE, sums, squares + 2 * i).reinterpretAsDoubles();
            q = FloatVector.fromArray(WIDE, sums, products + 2 * i).reinterpretAsDoubles();
            p = FUSED ? x.lanewise(FMA, x, p) : p.lanewise(ADD, x.lanewise(MUL, x));
            q = FUSED ? x.lanewise(FMA, y, q) : q.lanewise(ADD, x.lanewise(MUL, y));
            ((FloatVector) WIDE_CLASS.cast(p.reinterpretAsFloats())).intoArray(sums, squares + 2 * i);
            ((FloatVector) WIDE_CLASS.cast(q.reinterpretAsFloats())).intoArray(sums, products + 2 * i);
        }
    }

    /** The double in the place of two floats; the Vector API has its lower half first. */
    private static double sum(float[] sums, int at) {
        return Double.longBitsToDouble(
                (long) Float.floatToRawIntBits(sums[at + 1]) << 32 | Float.floatToRawIntBits(sums[at]) & 0xffffffffL);
    }
}
