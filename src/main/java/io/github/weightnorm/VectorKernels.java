package io.github.weightnorm;

import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.DIV;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.IS_NAN;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.MUL;
import static jdk.incubator.vector.VectorOperators.SQRT;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector back end: the scalar one, with the loops that pay replaced by the same sums and products in vectors. Only classes
 * named Vector… touch the Vector API, and only this back end links them, so that every other one loads in a JVM without the module.
 *
 * <p>What C2 forces here, each found as vectors that became objects, at three to ten times the cost:
 * <ul>
 * <li>Species and shuffles are constants (static finals), and no vector leaves the method that made it.
 * <li>{@code x.lanewise(MUL, y)}, never {@code x.mul(y)}. Each species overrides {@code lanewise}, so C2 goes by the profile of the
 *     call here, which has one species. {@code mul}, {@code add} and {@code fma} are final methods of FloatVector and DoubleVector; in
 *     there C2 goes by a profile that all code of the JVM shares, and once that has two widths of vector (two are in use here, and an
 *     engine around it brings its own) it provides for both, as objects. What {@code lanewise} returns is of an exact type, which
 *     serves {@code intoArray} as well.
 * <li>Where a vector goes from memory to memory, a cast by its constant class ({@code Class.cast} is an intrinsic) says the type
 *     beforehand. Without it some JVMs kept such vectors as objects; that their compiler lacked a profile of the call is a guess.
 * <li>No helpers. C2 does not inline a method that was compiled on its own before ("already compiled into a medium method") where
 *     the profile has the call in less than a quarter of its caller's invocations; nor anything but the Vector API's own methods once
 *     8000 bytecodes are inlined, of which one conversion is a thousand. So loops are written out, and so are the three widths.
 * <li>No loop around a loop, for JDK 17. So a channel of several runs stays with the scalar code, unless its runs are single elements.
 * </ul>
 */
final class VectorKernels extends ScalarKernels {

    static final VectorSpecies<Double> DOUBLES = doubles();
    static final int LANES = DOUBLES.length();
    /** As many floats as doubles, in half the bits: what one conversion takes. */
    static final VectorSpecies<Float> FLOATS =
            VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));
    /** Floats of the full width, for products. */
    static final VectorSpecies<Float> WIDE = VectorSpecies.of(float.class, DOUBLES.vectorShape());
    /** The classes of such vectors: a cast by a constant class tells C2 the exact type. */
    static final Class<? extends Vector<Float>> FLOATS_CLASS = FLOATS.vectorType();
    static final Class<? extends Vector<Float>> WIDE_CLASS = WIDE.vectorType();

    // A rearrangement by a constant costs one instruction; a part taken by reinterpretShape was measured slower.
    static final VectorShuffle<Double> DOWN_BY_4 = down(4);
    static final VectorShuffle<Double> DOWN_BY_2 = down(2);
    static final VectorShuffle<Double> DOWN_BY_1 = down(1);

    /** Where the CPU has no fused multiply-add, the JDK computes it in BigDecimal. Both forms round a float's square alike: not at all. */
    static final boolean FUSED = Machine.fusesMultiplyAdd();

    /** One group and a rest are faster in scalar code: there is nothing to fold but lanes. */
    static final int SHORTEST_ROW = 2 * GROUP;

    /** Channels in a strip: four vectors. With more of them, the method outgrows what C2 keeps in registers. */
    private static final int STRIP = 4 * LANES;

    /** Two lanes' masks, and on JDK 17 products in a loop by a vector from before it, become objects: the scalar strip is faster there. */
    static final boolean COLUMNS = LANES > 2 && Runtime.version().feature() >= 25;

    /** The gains of directions. */
    private static final float[] ONES = ones();

    private static float[] ones() {
        float[] ones = new float[STRIP];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static VectorSpecies<Double> doubles() {
        VectorSpecies<Double> preferred = DoubleVector.SPECIES_PREFERRED;
        if (preferred.length() < 2) {
            throw new UnsupportedOperationException("a vector of this machine holds one double");
        }
        // 32 partial sums are four vectors of 512 bit; wider ones (SVE) would have to share.
        return preferred.length() <= GROUP ? preferred : DoubleVector.SPECIES_512;
    }

    private static VectorShuffle<Double> down(int lanes) {
        return VectorShuffle.fromOp(DOUBLES, lane -> (lane + lanes) % LANES);
    }

    @Override
    int vectorBits() {
        return DOUBLES.vectorBitSize();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Lane = partial sum: all 32 stay in registers, in 4, 8 or 16 of them.
     */
    @Override
    double sumOfSquares(float[] v, int at, int runs, int stride, int length) {
        if (runs > 1 || length < SHORTEST_ROW) {
            return super.sumOfSquares(v, at, runs, stride, length);
        }
        int grouped = length & -GROUP;
        double sum = switch (LANES) {
            case 8 -> sumOfSquares8(v, at, grouped);
            case 4 -> sumOfSquares4(v, at, grouped);
            default -> sumOfSquares2(v, at, grouped);
        };
        return sum + rest(v, at + grouped, 1, 0, length - grouped);
    }

    /** The grouped elements of a row, in four vectors of eight partial sums. */
    private static double sumOfSquares8(float[] v, int at, int grouped) {
        DoubleVector p0 = DoubleVector.zero(DOUBLES);
        DoubleVector p8 = p0;
        DoubleVector p16 = p0;
        DoubleVector p24 = p0;
        DoubleVector x;
        int j = at;
        for (int end = at + (grouped & -PARTIALS); j < end; j += PARTIALS) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 8).convertShape(F2D, DOUBLES, 0);
            p8 = FUSED ? x.lanewise(FMA, x, p8) : p8.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 16).convertShape(F2D, DOUBLES, 0);
            p16 = FUSED ? x.lanewise(FMA, x, p16) : p16.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 24).convertShape(F2D, DOUBLES, 0);
            p24 = FUSED ? x.lanewise(FMA, x, p24) : p24.lanewise(ADD, x.lanewise(MUL, x));
        }
        for (int end = at + grouped; j < end; j += GROUP) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
        }
        DoubleVector sums = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
        sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_4));
        sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_2));
        return sums.lanewise(ADD, sums.rearrange(DOWN_BY_1)).lane(0);
    }

    /** The same in eight vectors of four partial sums. */
    private static double sumOfSquares4(float[] v, int at, int grouped) {
        DoubleVector p0 = DoubleVector.zero(DOUBLES);
        DoubleVector p4 = p0;
        DoubleVector p8 = p0;
        DoubleVector p12 = p0;
        DoubleVector p16 = p0;
        DoubleVector p20 = p0;
        DoubleVector p24 = p0;
        DoubleVector p28 = p0;
        DoubleVector x;
        int j = at;
        for (int end = at + (grouped & -PARTIALS); j < end; j += PARTIALS) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 4).convertShape(F2D, DOUBLES, 0);
            p4 = FUSED ? x.lanewise(FMA, x, p4) : p4.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 8).convertShape(F2D, DOUBLES, 0);
            p8 = FUSED ? x.lanewise(FMA, x, p8) : p8.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 12).convertShape(F2D, DOUBLES, 0);
            p12 = FUSED ? x.lanewise(FMA, x, p12) : p12.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 16).convertShape(F2D, DOUBLES, 0);
            p16 = FUSED ? x.lanewise(FMA, x, p16) : p16.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 20).convertShape(F2D, DOUBLES, 0);
            p20 = FUSED ? x.lanewise(FMA, x, p20) : p20.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 24).convertShape(F2D, DOUBLES, 0);
            p24 = FUSED ? x.lanewise(FMA, x, p24) : p24.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 28).convertShape(F2D, DOUBLES, 0);
            p28 = FUSED ? x.lanewise(FMA, x, p28) : p28.lanewise(ADD, x.lanewise(MUL, x));
        }
        for (int end = at + grouped; j < end; j += GROUP) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 4).convertShape(F2D, DOUBLES, 0);
            p4 = FUSED ? x.lanewise(FMA, x, p4) : p4.lanewise(ADD, x.lanewise(MUL, x));
        }
        DoubleVector sums = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
        sums = sums.lanewise(ADD, p4.lanewise(ADD, p20).lanewise(ADD, p12.lanewise(ADD, p28)));
        sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_2));
        return sums.lanewise(ADD, sums.rearrange(DOWN_BY_1)).lane(0);
    }

    /** The same in sixteen vectors of two partial sums. */
    private static double sumOfSquares2(float[] v, int at, int grouped) {
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
        DoubleVector x;
        int j = at;
        for (int end = at + (grouped & -PARTIALS); j < end; j += PARTIALS) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 2).convertShape(F2D, DOUBLES, 0);
            p2 = FUSED ? x.lanewise(FMA, x, p2) : p2.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 4).convertShape(F2D, DOUBLES, 0);
            p4 = FUSED ? x.lanewise(FMA, x, p4) : p4.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 6).convertShape(F2D, DOUBLES, 0);
            p6 = FUSED ? x.lanewise(FMA, x, p6) : p6.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 8).convertShape(F2D, DOUBLES, 0);
            p8 = FUSED ? x.lanewise(FMA, x, p8) : p8.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 10).convertShape(F2D, DOUBLES, 0);
            p10 = FUSED ? x.lanewise(FMA, x, p10) : p10.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 12).convertShape(F2D, DOUBLES, 0);
            p12 = FUSED ? x.lanewise(FMA, x, p12) : p12.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 14).convertShape(F2D, DOUBLES, 0);
            p14 = FUSED ? x.lanewise(FMA, x, p14) : p14.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 16).convertShape(F2D, DOUBLES, 0);
            p16 = FUSED ? x.lanewise(FMA, x, p16) : p16.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 18).convertShape(F2D, DOUBLES, 0);
            p18 = FUSED ? x.lanewise(FMA, x, p18) : p18.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 20).convertShape(F2D, DOUBLES, 0);
            p20 = FUSED ? x.lanewise(FMA, x, p20) : p20.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 22).convertShape(F2D, DOUBLES, 0);
            p22 = FUSED ? x.lanewise(FMA, x, p22) : p22.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 24).convertShape(F2D, DOUBLES, 0);
            p24 = FUSED ? x.lanewise(FMA, x, p24) : p24.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 26).convertShape(F2D, DOUBLES, 0);
            p26 = FUSED ? x.lanewise(FMA, x, p26) : p26.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 28).convertShape(F2D, DOUBLES, 0);
            p28 = FUSED ? x.lanewise(FMA, x, p28) : p28.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 30).convertShape(F2D, DOUBLES, 0);
            p30 = FUSED ? x.lanewise(FMA, x, p30) : p30.lanewise(ADD, x.lanewise(MUL, x));
        }
        for (int end = at + grouped; j < end; j += GROUP) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 2).convertShape(F2D, DOUBLES, 0);
            p2 = FUSED ? x.lanewise(FMA, x, p2) : p2.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 4).convertShape(F2D, DOUBLES, 0);
            p4 = FUSED ? x.lanewise(FMA, x, p4) : p4.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 6).convertShape(F2D, DOUBLES, 0);
            p6 = FUSED ? x.lanewise(FMA, x, p6) : p6.lanewise(ADD, x.lanewise(MUL, x));
        }
        DoubleVector sums = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
        sums = sums.lanewise(ADD, p4.lanewise(ADD, p20).lanewise(ADD, p12.lanewise(ADD, p28)));
        DoubleVector upper = p2.lanewise(ADD, p18).lanewise(ADD, p10.lanewise(ADD, p26));
        upper = upper.lanewise(ADD, p6.lanewise(ADD, p22).lanewise(ADD, p14.lanewise(ADD, p30)));
        sums = sums.lanewise(ADD, upper);
        // C2 has no rearrangement of two lanes.
        return sums.lane(0) + sums.lane(1);
    }

    @Override
    void multiply(float[] v, int vAt, float factor, float[] w, int wAt, int runs, int stride, int length) {
        if (runs > 1) {
            super.multiply(v, vAt, factor, w, wAt, runs, stride, length);
            return;
        }
        FloatVector factors = FloatVector.broadcast(WIDE, factor);
        int bound = WIDE.loopBound(length);
        int i = 0;
        for (; i < bound; i += WIDE.length()) {
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + i))).lanewise(MUL, factors)
                    .intoArray(w, wAt + i);
        }
        if (i <= length - LANES) {
            FloatVector group = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt + i));
            group.lanewise(MUL, FloatVector.broadcast(FLOATS, factor)).intoArray(w, wAt + i);
            i += LANES;
        }
        for (; i < length; i++) {
            w[wAt + i] = v[vAt + i] * factor;
        }
    }

    @Override
    void multiplyEach(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int length) {
        int bound = WIDE.loopBound(length);
        int i = 0;
        for (; i < bound; i += WIDE.length()) {
            FloatVector x = (FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + i));
            x.lanewise(MUL, FloatVector.fromArray(WIDE, factors, factorsAt + i)).intoArray(w, wAt + i);
        }
        for (; i < length; i++) {
            w[wAt + i] = v[vAt + i] * factors[factorsAt + i];
        }
    }

    /** {@inheritDoc} Written out for 512 bit only. */
    @Override
    double multiplyAndSumNext(float[] v, int vAt, float factor, float[] w, int wAt, int length) {
        if (LANES != 8 || length < SHORTEST_ROW) {
            return super.multiplyAndSumNext(v, vAt, factor, w, wAt, length);
        }
        int grouped = length & -GROUP;
        FloatVector wideFactors = FloatVector.broadcast(WIDE, factor);
        FloatVector factors = FloatVector.broadcast(FLOATS, factor);
        DoubleVector p0 = DoubleVector.zero(DOUBLES);
        DoubleVector p8 = p0;
        DoubleVector p16 = p0;
        DoubleVector p24 = p0;
        DoubleVector x;
        int next = vAt + length;
        int j = next;
        for (int end = next + (length & -PARTIALS); j < end; j += PARTIALS) {
            int i = j - next;
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + i))).lanewise(MUL, wideFactors)
                    .intoArray(w, wAt + i);
            ((FloatVector) WIDE_CLASS.cast(FloatVector.fromArray(WIDE, v, vAt + i + 16))).lanewise(MUL, wideFactors)
                    .intoArray(w, wAt + i + 16);
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 8).convertShape(F2D, DOUBLES, 0);
            p8 = FUSED ? x.lanewise(FMA, x, p8) : p8.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 16).convertShape(F2D, DOUBLES, 0);
            p16 = FUSED ? x.lanewise(FMA, x, p16) : p16.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j + 24).convertShape(F2D, DOUBLES, 0);
            p24 = FUSED ? x.lanewise(FMA, x, p24) : p24.lanewise(ADD, x.lanewise(MUL, x));
        }
        for (int end = next + grouped; j < end; j += GROUP) {
            int i = j - next;
            ((FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, vAt + i))).lanewise(MUL, factors)
                    .intoArray(w, wAt + i);
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, j).convertShape(F2D, DOUBLES, 0);
            p0 = FUSED ? x.lanewise(FMA, x, p0) : p0.lanewise(ADD, x.lanewise(MUL, x));
        }
        for (int i = grouped; i < length; i++) {
            w[wAt + i] = v[vAt + i] * factor;
        }
        DoubleVector sums = p0.lanewise(ADD, p16).lanewise(ADD, p8.lanewise(ADD, p24));
        sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_4));
        sums = sums.lanewise(ADD, sums.rearrange(DOWN_BY_2));
        double sum = sums.lanewise(ADD, sums.rearrange(DOWN_BY_1)).lane(0);
        return sum + rest(v, next + grouped, 1, 0, length - grouped);
    }

    @Override
    int stripWidth(Layout layout, int channels) {
        return channels >= STRIP && isOfColumns(layout, STRIP) ? STRIP : super.stripWidth(layout, channels);
    }

    private static boolean isOfColumns(Layout layout, int width) {
        return COLUMNS && width == STRIP && layout.inner() == 1;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Lane = channel, where a channel's runs are single elements. Sums and norms stay in registers from the pass over the strip to what
     * is written.
     */
    @Override
    boolean strip(Output output, WeightNorm layer, int channel, int width, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        if (!isOfColumns(layer.layout, width)) {
            return super.strip(output, layer, channel, width, v, vOffset, g, gOffset, out, outOffset);
        }
        if (output == Output.WEIGHT) {
            // In place, that is. With a second loop, for the products, the method outgrows what C2 keeps in registers; so the strip is
            // taken apart, into scalar ones.
            return false;
        }
        int runs = layer.layout.outer();
        int stride = layer.layout.stride();
        DoubleVector sums0 = DoubleVector.zero(DOUBLES);
        DoubleVector sums1 = sums0;
        DoubleVector sums2 = sums0;
        DoubleVector sums3 = sums0;
        DoubleVector x;
        for (int run = 0, at = vOffset + channel; run < runs; run++, at += stride) {
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at).convertShape(F2D, DOUBLES, 0);
            sums0 = FUSED ? x.lanewise(FMA, x, sums0) : sums0.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + LANES).convertShape(F2D, DOUBLES, 0);
            sums1 = FUSED ? x.lanewise(FMA, x, sums1) : sums1.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + 2 * LANES).convertShape(F2D, DOUBLES, 0);
            sums2 = FUSED ? x.lanewise(FMA, x, sums2) : sums2.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) FloatVector.fromArray(FLOATS, v, at + 3 * LANES).convertShape(F2D, DOUBLES, 0);
            sums3 = FUSED ? x.lanewise(FMA, x, sums3) : sums3.lanewise(ADD, x.lanewise(MUL, x));
        }
        DoubleVector epsilon = DoubleVector.broadcast(DOUBLES, layer.epsilon);
        DoubleVector norms0 = sums0.lanewise(ADD, epsilon).lanewise(SQRT);
        DoubleVector norms1 = sums1.lanewise(ADD, epsilon).lanewise(SQRT);
        DoubleVector norms2 = sums2.lanewise(ADD, epsilon).lanewise(SQRT);
        DoubleVector norms3 = sums3.lanewise(ADD, epsilon).lanewise(SQRT);
        int outAt = outOffset + channel;
        if (output == Output.NORM) {
            DoubleVector total = norms0.lanewise(ADD, norms1).lanewise(ADD, norms2.lanewise(ADD, norms3));
            if (total.test(IS_NAN).anyTrue()) {
                return false;
            }
            // No norm is negative: ABS only makes the type exact, for intoArray.
            ((FloatVector) norms0.convertShape(D2F, FLOATS, 0)).lanewise(ABS).intoArray(out, outAt);
            ((FloatVector) norms1.convertShape(D2F, FLOATS, 0)).lanewise(ABS).intoArray(out, outAt + LANES);
            ((FloatVector) norms2.convertShape(D2F, FLOATS, 0)).lanewise(ABS).intoArray(out, outAt + 2 * LANES);
            ((FloatVector) norms3.convertShape(D2F, FLOATS, 0)).lanewise(ABS).intoArray(out, outAt + 3 * LANES);
            return true;
        }

        float[] gains = g == null ? ONES : g;
        int gainAt = g == null ? 0 : gOffset + channel;
        x = (DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt).convertShape(F2D, DOUBLES, 0);
        FloatVector factors0 = (FloatVector) x.lanewise(DIV, norms0).convertShape(D2F, FLOATS, 0);
        x = (DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt + LANES).convertShape(F2D, DOUBLES, 0);
        FloatVector factors1 = (FloatVector) x.lanewise(DIV, norms1).convertShape(D2F, FLOATS, 0);
        x = (DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt + 2 * LANES).convertShape(F2D, DOUBLES, 0);
        FloatVector factors2 = (FloatVector) x.lanewise(DIV, norms2).convertShape(D2F, FLOATS, 0);
        x = (DoubleVector) FloatVector.fromArray(FLOATS, gains, gainAt + 3 * LANES).convertShape(F2D, DOUBLES, 0);
        FloatVector factors3 = (FloatVector) x.lanewise(DIV, norms3).convertShape(D2F, FLOATS, 0);

        // As Channel.plainFactor has it, for all at once. A NaN among them passes neither comparison.
        FloatVector smallest = factors0.lanewise(ABS).lanewise(MIN, factors1.lanewise(ABS))
                .lanewise(MIN, factors2.lanewise(ABS).lanewise(MIN, factors3.lanewise(ABS)));
        FloatVector largest = factors0.lanewise(ABS).lanewise(MAX, factors1.lanewise(ABS))
                .lanewise(MAX, factors2.lanewise(ABS).lanewise(MAX, factors3.lanewise(ABS)));
        if (!smallest.compare(GE, FloatVector.broadcast(FLOATS, Channel.SMALLEST_FACTOR)).allTrue()
                || !largest.compare(LE, FloatVector.broadcast(FLOATS, Channel.LARGEST_FACTOR)).allTrue()
                || !gainsArePlain(gains, gainAt)) {
            return false;
        }
        factors0.intoArray(out, outAt);
        factors1.intoArray(out, outAt + LANES);
        factors2.intoArray(out, outAt + 2 * LANES);
        factors3.intoArray(out, outAt + 3 * LANES);
        return true;
    }

    private static boolean gainsArePlain(float[] gains, int at) {
        float largest = 0;
        for (int i = 0; i < STRIP; i++) {
            largest = Math.max(largest, Math.abs(gains[at + i]));
        }
        return largest <= Channel.LARGEST_GAIN;
    }
}
