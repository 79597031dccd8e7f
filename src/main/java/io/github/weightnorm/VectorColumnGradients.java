package io.github.weightnorm;

import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FLOATS_CLASS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.DIV;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.SQRT;
import static jdk.incubator.vector.VectorOperators.SUB;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Channels across the last axis: lane = channel. Memory is passed in its order where it can be, because channel after channel, or a
 * strip of them, each run would be in another page.
 *
 * <p>Two doubles for each channel are then under way at once, too many for registers. They lie where the last four runs of dv will be,
 * as raw bits, one in the place of two floats: the sums of the left half of the channels in the last two of these runs, squares and
 * products, those of the right half in the two before. In place no part of dv is free until all has been read, so a strip of channels
 * has its sums in registers.
 */
final class VectorColumnGradients {

    /** The runs that sums are kept in. */
    private static final int RUNS = 4;
    /** Channels in a strip: two vectors, for both sums and both coefficients. */
    static final int STRIP = 2 * LANES;

    private VectorColumnGradients() {}

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

    /** Whether {@link #strip} is for such a layout. */
    static boolean hasStrips(Layout layout) {
        return VectorColumns.COLUMNS && layout.inner() == 1;
    }

    /**
     * All there is to do for {@link #STRIP} neighbouring channels, if they all are plain ({@link ChannelGradient}); if not, leaves them
     * as they were and says false. Sums and coefficients stay in registers, so dv may be dw or v.
     */
    static boolean strip(WeightNorm layer, int channel, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset,
            float[] dv, int dvOffset, float[] dg, int dgOffset) {
        int runs = layer.layout.outer();
        int stride = layer.layout.stride();
        int dwAt = dwOffset + channel;
        int vAt = vOffset + channel;
        DoubleVector squares0 = DoubleVector.zero(DOUBLES);
        DoubleVector squares1 = squares0;
        DoubleVector products0 = squares0;
        DoubleVector products1 = squares0;
        DoubleVector x;
        DoubleVector y;
        for (int run = 0, at = 0; run < runs; run++, at += stride) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + at).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + at).convertShape(F2D, DOUBLES, 0);
            squares0 = FUSED ? x.lanewise(FMA, x, squares0) : squares0.lanewise(ADD, x.lanewise(MUL, x));
            products0 = FUSED ? x.lanewise(FMA, y, products0) : products0.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + at + LANES).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + at + LANES).convertShape(F2D, DOUBLES, 0);
            squares1 = FUSED ? x.lanewise(FMA, x, squares1) : squares1.lanewise(ADD, x.lanewise(MUL, x));
            products1 = FUSED ? x.lanewise(FMA, y, products1) : products1.lanewise(ADD, x.lanewise(MUL, y));
        }
        // From here on as ChannelGradient has it, lane by lane.
        DoubleVector epsilon = DoubleVector.broadcast(DOUBLES, layer.epsilon);
        squares0 = squares0.lanewise(ADD, epsilon);
        squares1 = squares1.lanewise(ADD, epsilon);
        DoubleVector norms0 = squares0.lanewise(SQRT);
        DoubleVector norms1 = squares1.lanewise(SQRT);
        DoubleVector parts0 = products0.lanewise(DIV, norms0);
        DoubleVector parts1 = products1.lanewise(DIV, norms1);
        int gAt = gOffset + channel;
        x = (DoubleVector) FloatVector.fromArray(FLOATS, g, gAt).convertShape(F2D, DOUBLES, 0);
        y = (DoubleVector) FloatVector.fromArray(FLOATS, g, gAt + LANES).convertShape(F2D, DOUBLES, 0);
        DoubleVector gains = x.lanewise(ABS).lanewise(MAX, y.lanewise(ABS));
        FloatVector scales0 = (FloatVector) FLOATS_CLASS.cast(x.lanewise(DIV, norms0).convertShape(D2F, FLOATS, 0));
        FloatVector scales1 = (FloatVector) FLOATS_CLASS.cast(y.lanewise(DIV, norms1).convertShape(D2F, FLOATS, 0));
        FloatVector projections0 = (FloatVector) FLOATS_CLASS.cast(products0.lanewise(DIV, squares0).convertShape(D2F, FLOATS, 0));
        FloatVector projections1 = (FloatVector) FLOATS_CLASS.cast(products1.lanewise(DIV, squares1).convertShape(D2F, FLOATS, 0));
        // A channel without products has no part along v, and a projection of 0. NaN passes neither comparison.
        x = ((DoubleVector) projections0.convertShape(F2D, DOUBLES, 0)).lanewise(ABS);
        y = parts0.lanewise(ABS);
        boolean plain = products0.compare(EQ, 0)
                .or(x.compare(GE, Channel.SMALLEST_FACTOR).and(x.compare(LE, Channel.LARGEST_FACTOR))
                        .and(y.compare(GE, ChannelGradient.SMALLEST_PART)).and(y.compare(LE, ChannelGradient.LARGEST_PART))).allTrue();
        x = ((DoubleVector) projections1.convertShape(F2D, DOUBLES, 0)).lanewise(ABS);
        y = parts1.lanewise(ABS);
        plain &= products1.compare(EQ, 0)
                .or(x.compare(GE, Channel.SMALLEST_FACTOR).and(x.compare(LE, Channel.LARGEST_FACTOR))
                        .and(y.compare(GE, ChannelGradient.SMALLEST_PART)).and(y.compare(LE, ChannelGradient.LARGEST_PART))).allTrue();
        FloatVector smallest = scales0.lanewise(ABS).lanewise(MIN, scales1.lanewise(ABS));
        FloatVector largest = scales0.lanewise(ABS).lanewise(MAX, scales1.lanewise(ABS));
        plain &= smallest.compare(GE, Channel.SMALLEST_FACTOR).and(largest.compare(LE, Channel.LARGEST_FACTOR)).allTrue()
                && gains.compare(LE, Channel.LARGEST_GAIN).allTrue();
        if (!plain) {
            return false;
        }
        ((FloatVector) FLOATS_CLASS.cast(parts0.convertShape(D2F, FLOATS, 0))).intoArray(dg, dgOffset + channel);
        ((FloatVector) FLOATS_CLASS.cast(parts1.convertShape(D2F, FLOATS, 0))).intoArray(dg, dgOffset + channel + LANES);
        int dvAt = dvOffset + channel;
        FloatVector part;
        for (int run = 0, at = 0; run < runs; run++, at += stride) {
            part = ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt + at))).lanewise(MUL, projections0);
            ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, dw, dwAt + at))).lanewise(SUB, part).lanewise(MUL, scales0)
                    .intoArray(dv, dvAt + at);
            part = ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt + at + LANES))).lanewise(MUL, projections1);
            ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, dw, dwAt + at + LANES))).lanewise(SUB, part)
                    .lanewise(MUL, scales1).intoArray(dv, dvAt + at + LANES);
        }
        return true;
    }
}
