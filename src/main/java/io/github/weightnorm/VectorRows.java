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
import static io.github.weightnorm.VectorLanes.WIDE;
import static io.github.weightnorm.VectorLanes.WIDE_CLASS;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.MUL;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * Rows in vectors: the sums and products of {@link ScalarKernels} for one run of {@link Kernels#SHORTEST_LONG_ROW} elements and more, with
 * the same bits. {@link VectorLongRows} makes weights of them, {@link VectorShortRows} and {@link VectorMediumRows} have those that go eight at
 * a time, and {@link VectorColumns} the channels that are spread over memory.
 *
 * <p>What C2 forces in all of them, each found as vectors that became objects, at three to ten times the cost:
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
 * <li>No loop around a loop with vectors that live from one round to the next, for JDK 17.
 * <li>No method so long that C1 gives up on it ("out of virtual registers"). It would be interpreted until C2 has it, and gather no
 *     profile on the way. Masked loads are the heaviest: eight of them pass, sixteen do not.
 * </ul>
 */
final class VectorRows {

    private VectorRows() {}

    /** {@link Kernels#sumOfSquares} of a row. Lane = partial sum: all 32 stay in registers, in 4, 8 or 16 of them. */
    static double sumOfSquares(float[] v, int at, int length) {
        int grouped = length & -GROUP;
        double sum = switch (LANES) {
            case 8 -> sumOfSquares8(v, at, grouped);
            case 4 -> sumOfSquares4(v, at, grouped);
            default -> sumOfSquares2(v, at, grouped);
        };
        return sum + ScalarKernels.rest(v, at + grouped, 1, 0, length - grouped);
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

    /** {@link Kernels#multiply} for a row. */
    static void multiply(float[] v, int vAt, float factor, float[] w, int wAt, int length) {
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
}
