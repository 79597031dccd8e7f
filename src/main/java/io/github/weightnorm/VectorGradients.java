package io.github.weightnorm;

import static io.github.weightnorm.Kernels.SHORTEST_LONG_ROW;
import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.DOWN_BY_1;
import static io.github.weightnorm.VectorLanes.DOWN_BY_2;
import static io.github.weightnorm.VectorLanes.DOWN_BY_4;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.SUB;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * The gradients of the vector back end: the scalar ones, with the loops that pay replaced by the same operations in vectors. What C2
 * forces here, {@link VectorRows} says.
 *
 * <p>Lane = partial sum, for both sums in one pass where the registers hold all of them. Here the sums of one row do not hide behind the
 * projection of another, as they do in {@link VectorLongRows}: one loop for both, whether for the next row or the one
 * after it, took up to a quarter longer than two; why is not known. Both loops within one loop over the rows made objects of vectors in
 * one JVM of two.
 */
final class VectorGradients extends ScalarGradients {

    /** Sixteen vectors of sums, and as many conversions in their loop, became objects in some JVMs of JDK 17: scalar sums are faster there. */
    private static final boolean SUMS = LANES == Kernels.GROUP || Runtime.version().feature() >= 25;

    @Override
    long coefficients(WeightNorm layer, int channel, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset, float[] dg,
            int dgOffset) {
        int length = layer.layout.inner();
        if (!SUMS || layer.layout.outer() > 1 || length < SHORTEST_LONG_ROW) {
            return super.coefficients(layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dg, dgOffset);
        }
        int dwAt = dwOffset + channel * length;
        int vAt = vOffset + channel * length;
        float gain = g[gOffset + channel];
        int dgAt = dgOffset + channel;
        return switch (LANES) {
            case 8 -> coefficients8(dw, dwAt, v, vAt, length, layer.epsilon, gain, dg, dgAt);
            case 4 -> coefficients4(dw, dwAt, v, vAt, length, layer.epsilon, gain, dg, dgAt);
            default -> ChannelGradient.coefficients(sumOfProducts2(v, vAt, v, vAt, length), sumOfProducts2(dw, dwAt, v, vAt, length),
                    layer.epsilon, gain, dg, dgAt);
        };
    }

    /** Both sums of a row, in four vectors of eight partial sums each. */
    private static long coefficients8(float[] dw, int dwAt, float[] v, int vAt, int length, double epsilon, float gain, float[] dg,
            int dgAt) {
        int grouped = length & -Kernels.GROUP;
        DoubleVector p0 = DoubleVector.zero(DOUBLES);
        DoubleVector p8 = p0;
        DoubleVector p16 = p0;
        DoubleVector p24 = p0;
        DoubleVector q0 = p0;
        DoubleVector q8 = p0;
        DoubleVector q16 = p0;
        DoubleVector q24 = p0;
        DoubleVector x;
        DoubleVector y;
        int j = 0;
        for (int blocks = length & -Kernels.PARTIALS; j < blocks; j += Kernels.PARTIALS) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            q0 = FUSED ? x.lanewise(FMA, y, q0) : q0.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 8).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 8).convertShape(F2D, DOUBLES, 0);
            p8 = FUSED ? x.lanewise(FMA, x, p8) : p8.lanewise(ADD, x.lanewise(MUL, x));
            q8 = FUSED ? x.lanewise(FMA, y, q8) : q8.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 16).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 16).convertShape(F2D, DOUBLES, 0);
            p16 = FUSED ? x.lanewise(FMA, x, p16) : p16.lanewise(ADD, x.lanewise(MUL, x));
            q16 = FUSED ? x.lanewise(FMA, y, q16) : q16.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 24).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 24).convertShape(F2D, DOUBLES, 0);
            p24 = FUSED ? x.lanewise(FMA, x, p24) : p24.lanewise(ADD, x.lanewise(MUL, x));
            q24 = FUSED ? x.lanewise(FMA, y, q24) : q24.lanewise(ADD, x.lanewise(MUL, y));
        }
        for (; j < grouped; j += Kernels.GROUP) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            q0 = FUSED ? x.lanewise(FMA, y, q0) : q0.lanewise(ADD, x.lanewise(MUL, y));
        }
        x = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
        x = x.lanewise(ADD, x.rearrange(DOWN_BY_4));
        x = x.lanewise(ADD, x.rearrange(DOWN_BY_2));
        y = q0.lanewise(ADD, q16).lanewise(ADD, q8.lanewise(ADD, q24));
        y = y.lanewise(ADD, y.rearrange(DOWN_BY_4));
        y = y.lanewise(ADD, y.rearrange(DOWN_BY_2));
        double squares = x.lanewise(ADD, x.rearrange(DOWN_BY_1)).lane(0);
        double products = y.lanewise(ADD, y.rearrange(DOWN_BY_1)).lane(0);
        squares += rest(v, vAt + grouped, v, vAt + grouped, 1, 0, length - grouped);
        products += rest(dw, dwAt + grouped, v, vAt + grouped, 1, 0, length - grouped);
        return ChannelGradient.coefficients(squares, products, epsilon, gain, dg, dgAt);
    }

    /** The same in eight vectors of four. */
    private static long coefficients4(float[] dw, int dwAt, float[] v, int vAt, int length, double epsilon, float gain, float[] dg,
            int dgAt) {
        int grouped = length & -Kernels.GROUP;
        DoubleVector p0 = DoubleVector.zero(DOUBLES);
        DoubleVector p4 = p0;
        DoubleVector p8 = p0;
        DoubleVector p12 = p0;
        DoubleVector p16 = p0;
        DoubleVector p20 = p0;
        DoubleVector p24 = p0;
        DoubleVector p28 = p0;
        DoubleVector q0 = p0;
        DoubleVector q4 = p0;
        DoubleVector q8 = p0;
        DoubleVector q12 = p0;
        DoubleVector q16 = p0;
        DoubleVector q20 = p0;
        DoubleVector q24 = p0;
        DoubleVector q28 = p0;
        DoubleVector x;
        DoubleVector y;
        int j = 0;
        for (int blocks = length & -Kernels.PARTIALS; j < blocks; j += Kernels.PARTIALS) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            q0 = FUSED ? x.lanewise(FMA, y, q0) : q0.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 4).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 4).convertShape(F2D, DOUBLES, 0);
            p4 = FUSED ? x.lanewise(FMA, x, p4) : p4.lanewise(ADD, x.lanewise(MUL, x));
            q4 = FUSED ? x.lanewise(FMA, y, q4) : q4.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 8).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 8).convertShape(F2D, DOUBLES, 0);
            p8 = FUSED ? x.lanewise(FMA, x, p8) : p8.lanewise(ADD, x.lanewise(MUL, x));
            q8 = FUSED ? x.lanewise(FMA, y, q8) : q8.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 12).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 12).convertShape(F2D, DOUBLES, 0);
            p12 = FUSED ? x.lanewise(FMA, x, p12) : p12.lanewise(ADD, x.lanewise(MUL, x));
            q12 = FUSED ? x.lanewise(FMA, y, q12) : q12.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 16).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 16).convertShape(F2D, DOUBLES, 0);
            p16 = FUSED ? x.lanewise(FMA, x, p16) : p16.lanewise(ADD, x.lanewise(MUL, x));
            q16 = FUSED ? x.lanewise(FMA, y, q16) : q16.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 20).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 20).convertShape(F2D, DOUBLES, 0);
            p20 = FUSED ? x.lanewise(FMA, x, p20) : p20.lanewise(ADD, x.lanewise(MUL, x));
            q20 = FUSED ? x.lanewise(FMA, y, q20) : q20.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 24).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 24).convertShape(F2D, DOUBLES, 0);
            p24 = FUSED ? x.lanewise(FMA, x, p24) : p24.lanewise(ADD, x.lanewise(MUL, x));
            q24 = FUSED ? x.lanewise(FMA, y, q24) : q24.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 28).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 28).convertShape(F2D, DOUBLES, 0);
            p28 = FUSED ? x.lanewise(FMA, x, p28) : p28.lanewise(ADD, x.lanewise(MUL, x));
            q28 = FUSED ? x.lanewise(FMA, y, q28) : q28.lanewise(ADD, x.lanewise(MUL, y));
        }
        for (; j < grouped; j += Kernels.GROUP) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            q0 = FUSED ? x.lanewise(FMA, y, q0) : q0.lanewise(ADD, x.lanewise(MUL, y));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, vAt + j + 4).convertShape(F2D, DOUBLES, 0);
            y = (DoubleVector) FloatVector.fromArray(FLOATS, dw, dwAt + j + 4).convertShape(F2D, DOUBLES, 0);
            p4 = FUSED ? x.lanewise(FMA, x, p4) : p4.lanewise(ADD, x.lanewise(MUL, x));
            q4 = FUSED ? x.lanewise(FMA, y, q4) : q4.lanewise(ADD, x.lanewise(MUL, y));
        }
        x = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
        x = x.lanewise(ADD, p4.lanewise(ADD, p20).lanewise(ADD, p12.lanewise(ADD, p28)));
        x = x.lanewise(ADD, x.rearrange(DOWN_BY_2));
        y = q0.lanewise(ADD, q16).lanewise(ADD, q8.lanewise(ADD, q24));
        y = y.lanewise(ADD, q4.lanewise(ADD, q20).lanewise(ADD, q12.lanewise(ADD, q28)));
        y = y.lanewise(ADD, y.rearrange(DOWN_BY_2));
        double squares = x.lanewise(ADD, x.rearrange(DOWN_BY_1)).lane(0);
        double products = y.lanewise(ADD, y.rearrange(DOWN_BY_1)).lane(0);
        squares += rest(v, vAt + grouped, v, vAt + grouped, 1, 0, length - grouped);
        products += rest(dw, dwAt + grouped, v, vAt + grouped, 1, 0, length - grouped);
        return ChannelGradient.coefficients(squares, products, epsilon, gain, dg, dgAt);
    }

    /** One sum of a row, in sixteen vectors of two: both would take 32, and more registers than there are. */
    private static double sumOfProducts2(float[] x, int xAt, float[] y, int yAt, int length) {
        int grouped = length & -Kernels.GROUP;
        DoubleVector p0 = DoubleVector.zero(DOUBLES);
        DoubleVector p2 = p0;
        DoubleVector p4 = p0;
        DoubleVector p6 = p0;
        DoubleVector p8 = p0;
        DoubleVector p10 = p0;
        DoubleVector p12 = p0;
        DoubleVector p14 = p0;
        DoubleVector p16 = p0;
        DoubleVector p18 = p0;
        DoubleVector p20 = p0;
        DoubleVector p22 = p0;
        DoubleVector p24 = p0;
        DoubleVector p26 = p0;
        DoubleVector p28 = p0;
        DoubleVector p30 = p0;
        DoubleVector s;
        DoubleVector t;
        int j = 0;
        for (int blocks = length & -Kernels.PARTIALS; j < blocks; j += Kernels.PARTIALS) {
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? s.lanewise(FMA, t, p0) : p0.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 2).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 2).convertShape(F2D, DOUBLES, 0);
            p2 = FUSED ? s.lanewise(FMA, t, p2) : p2.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 4).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 4).convertShape(F2D, DOUBLES, 0);
            p4 = FUSED ? s.lanewise(FMA, t, p4) : p4.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 6).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 6).convertShape(F2D, DOUBLES, 0);
            p6 = FUSED ? s.lanewise(FMA, t, p6) : p6.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 8).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 8).convertShape(F2D, DOUBLES, 0);
            p8 = FUSED ? s.lanewise(FMA, t, p8) : p8.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 10).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 10).convertShape(F2D, DOUBLES, 0);
            p10 = FUSED ? s.lanewise(FMA, t, p10) : p10.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 12).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 12).convertShape(F2D, DOUBLES, 0);
            p12 = FUSED ? s.lanewise(FMA, t, p12) : p12.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 14).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 14).convertShape(F2D, DOUBLES, 0);
            p14 = FUSED ? s.lanewise(FMA, t, p14) : p14.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 16).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 16).convertShape(F2D, DOUBLES, 0);
            p16 = FUSED ? s.lanewise(FMA, t, p16) : p16.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 18).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 18).convertShape(F2D, DOUBLES, 0);
            p18 = FUSED ? s.lanewise(FMA, t, p18) : p18.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 20).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 20).convertShape(F2D, DOUBLES, 0);
            p20 = FUSED ? s.lanewise(FMA, t, p20) : p20.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 22).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 22).convertShape(F2D, DOUBLES, 0);
            p22 = FUSED ? s.lanewise(FMA, t, p22) : p22.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 24).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 24).convertShape(F2D, DOUBLES, 0);
            p24 = FUSED ? s.lanewise(FMA, t, p24) : p24.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 26).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 26).convertShape(F2D, DOUBLES, 0);
            p26 = FUSED ? s.lanewise(FMA, t, p26) : p26.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 28).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 28).convertShape(F2D, DOUBLES, 0);
            p28 = FUSED ? s.lanewise(FMA, t, p28) : p28.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 30).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 30).convertShape(F2D, DOUBLES, 0);
            p30 = FUSED ? s.lanewise(FMA, t, p30) : p30.lanewise(ADD, s.lanewise(MUL, t));
        }
        for (; j < grouped; j += Kernels.GROUP) {
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? s.lanewise(FMA, t, p0) : p0.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 2).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 2).convertShape(F2D, DOUBLES, 0);
            p2 = FUSED ? s.lanewise(FMA, t, p2) : p2.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 4).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 4).convertShape(F2D, DOUBLES, 0);
            p4 = FUSED ? s.lanewise(FMA, t, p4) : p4.lanewise(ADD, s.lanewise(MUL, t));
            s = (DoubleVector) FloatVector.fromArray(FLOATS, x, xAt + j + 6).convertShape(F2D, DOUBLES, 0);
            t = (DoubleVector) FloatVector.fromArray(FLOATS, y, yAt + j + 6).convertShape(F2D, DOUBLES, 0);
            p6 = FUSED ? s.lanewise(FMA, t, p6) : p6.lanewise(ADD, s.lanewise(MUL, t));
        }
        s = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
        s = s.lanewise(ADD, p4.lanewise(ADD, p20).lanewise(ADD, p12.lanewise(ADD, p28)));
        DoubleVector upper = p2.lanewise(ADD, p18).lanewise(ADD, p10.lanewise(ADD, p26));
        upper = upper.lanewise(ADD, p6.lanewise(ADD, p22).lanewise(ADD, p14.lanewise(ADD, p30)));
        s = s.lanewise(ADD, upper);
        return s.lane(0) + s.lane(1) + rest(x, xAt + grouped, y, yAt + grouped, 1, 0, length - grouped);
    }

    @Override
    void project(long coefficients, float[] dw, int dwAt, float[] v, int vAt, float[] dv, int dvAt, int runs, int stride, int length) {
        if (runs > 1 || length < SHORTEST_LONG_ROW) {
            super.project(coefficients, dw, dwAt, v, vAt, dv, dvAt, runs, stride, length);
            return;
        }
        float scale = ChannelGradient.scale(coefficients);
        float projection = ChannelGradient.projection(coefficients);
        FloatVector scales = FloatVector.broadcast(WIDE, scale);
        FloatVector projections = FloatVector.broadcast(WIDE, projection);
        FloatVector part;
        int i = 0;
        for (int bound = WIDE.loopBound(length); i < bound; i += WIDE.length()) {
            part = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + i))).lanewise(MUL, projections);
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, dw, dwAt + i))).lanewise(SUB, part).lanewise(MUL, scales)
                    .intoArray(dv, dvAt + i);
        }
        for (; i < length; i++) {
            dv[dvAt + i] = scale * (dw[dwAt + i] - projection * v[vAt + i]);
        }
    }

    @Override
    void projectEach(float[] dw, int dwAt, float[] v, int vAt, float[] dv, int scales, int projections, int dvAt, int length) {
        FloatVector part;
        int i = 0;
        for (int bound = WIDE.loopBound(length); i < bound; i += WIDE.length()) {
            part = ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + i)))
                    .lanewise(MUL, FloatVector.fromArray(WIDE, dv, projections + i));
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, dw, dwAt + i))).lanewise(SUB, part)
                    .lanewise(MUL, FloatVector.fromArray(WIDE, dv, scales + i)).intoArray(dv, dvAt + i);
        }
        for (; i < length; i++) {
            dv[dvAt + i] = dv[scales + i] * (dw[dwAt + i] - dv[projections + i] * v[vAt + i]);
        }
    }

    @Override
    void strips(WeightNorm layer, int from, int to, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset, float[] dv,
            int dvOffset, float[] dg, int dgOffset, boolean apart) {
        // In place no part of dv is free for sums; a strip with all in registers made objects of vectors in one JVM of five.
        int width = apart ? VectorColumnSums.width(layer.layout, to - from) : 0;
        if (width > 0) {
            VectorColumnSums.coefficients(layer, from, width, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        }
        super.strips(layer, from + width, to, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset, apart);
    }
}
