package io.github.weightnorm;

import static io.github.weightnorm.Kernels.GROUP;
import static io.github.weightnorm.VectorLanes.DOUBLES;
import static io.github.weightnorm.VectorLanes.FLOATS;
import static io.github.weightnorm.VectorLanes.FLOATS_CLASS;
import static io.github.weightnorm.VectorLanes.FUSED;
import static io.github.weightnorm.VectorLanes.LANES;
import static io.github.weightnorm.VectorLanes.UPPER_1;
import static io.github.weightnorm.VectorLanes.UPPER_2;
import static io.github.weightnorm.VectorLanes.UPPER_4;
import static io.github.weightnorm.VectorLanes.floats;
import static io.github.weightnorm.VectorLanes.floatsFrom;
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
 * Rows of three and of seven elements, eight rows at a time: lane = row. Eight rows are three, or seven, whole vectors. Because the
 * length is odd, element j of the eight rows lies in eight different lanes: blends bring the eight into one vector, and one
 * rearrangement puts them in order. All is loaded once, and stored once as it lies there. For {@link VectorShortRows}, which has the contract.
 */
final class VectorOddRows {

    /** Every third lane. */
    private static final VectorMask<Float> THIRD_0 = floats(lane -> lane % 3 == 0);
    private static final VectorMask<Float> THIRD_1 = floats(lane -> lane % 3 == 1);
    private static final VectorMask<Float> THIRD_2 = floats(lane -> lane % 3 == 2);
    /** Where the blends leave an element of rows 0 to 7. */
    private static final VectorShuffle<Float> TRIPLES_0 = floatsFrom(lane -> 3 * lane);
    private static final VectorShuffle<Float> TRIPLES_1 = floatsFrom(lane -> 3 * lane + 1);
    private static final VectorShuffle<Float> TRIPLES_2 = floatsFrom(lane -> 3 * lane + 2);
    /** Whose factor each element of a vector takes. */
    private static final VectorShuffle<Float> TRIPLES_OF_0 = floatsFrom(lane -> lane / 3);
    private static final VectorShuffle<Float> TRIPLES_OF_1 = floatsFrom(lane -> (8 + lane) / 3);
    private static final VectorShuffle<Float> TRIPLES_OF_2 = floatsFrom(lane -> (16 + lane) / 3);
    /** The same for rows of seven. */
    private static final VectorShuffle<Float> SEVENS_0 = floatsFrom(lane -> 7 * lane);
    private static final VectorShuffle<Float> SEVENS_1 = floatsFrom(lane -> 7 * lane + 1);
    private static final VectorShuffle<Float> SEVENS_2 = floatsFrom(lane -> 7 * lane + 2);
    private static final VectorShuffle<Float> SEVENS_3 = floatsFrom(lane -> 7 * lane + 3);
    private static final VectorShuffle<Float> SEVENS_4 = floatsFrom(lane -> 7 * lane + 4);
    private static final VectorShuffle<Float> SEVENS_5 = floatsFrom(lane -> 7 * lane + 5);
    private static final VectorShuffle<Float> SEVENS_6 = floatsFrom(lane -> 7 * lane + 6);
    private static final VectorShuffle<Float> SEVENS_OF_0 = floatsFrom(lane -> lane / 7);
    private static final VectorShuffle<Float> SEVENS_OF_1 = floatsFrom(lane -> (8 + lane) / 7);
    private static final VectorShuffle<Float> SEVENS_OF_2 = floatsFrom(lane -> (16 + lane) / 7);
    private static final VectorShuffle<Float> SEVENS_OF_3 = floatsFrom(lane -> (24 + lane) / 7);
    private static final VectorShuffle<Float> SEVENS_OF_4 = floatsFrom(lane -> (32 + lane) / 7);
    private static final VectorShuffle<Float> SEVENS_OF_5 = floatsFrom(lane -> (40 + lane) / 7);
    private static final VectorShuffle<Float> SEVENS_OF_6 = floatsFrom(lane -> (48 + lane) / 7);

    private VectorOddRows() {}

    static int apply(Output output, double epsilon, float[] v, int at, int length, int rows, float[] gains, int gainAt, int gainStep,
            float[] out, int outAt) {
        return length == 3 ? triples(output, epsilon, v, at, rows, gains, gainAt, gainStep, out, outAt)
                : sevens(output, epsilon, v, at, rows, gains, gainAt, gainStep, out, outAt);
    }

    /** Whether it has rows of that length. */
    static boolean takes(int length) {
        return length == 3 || length == 7;
    }

    /** Rows of three: element j is every third of the 24, and the lanes where three vectors have them all differ. */
    private static int triples(Output output, double epsilon, float[] v, int at, int rows, float[] gains, int gainAt, int gainStep,
            float[] out, int outAt) {
        float smallest = output == Output.NORM ? 0 : Channel.SMALLEST_FACTOR;
        float largest = output == Output.NORM ? Float.POSITIVE_INFINITY : Channel.LARGEST_FACTOR;
        for (int row = 0; row <= rows - LANES; row += LANES) {
            int base = at + row * 3;
            FloatVector x0 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base));
            FloatVector x1 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + GROUP));
            FloatVector x2 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 2 * GROUP));
            DoubleVector x = (DoubleVector) x0.blend(x1, THIRD_1).blend(x2, THIRD_2).rearrange(TRIPLES_0).convertShape(F2D, DOUBLES, 0);
            DoubleVector sums = x.lanewise(MUL, x);
            x = (DoubleVector) x0.blend(x1, THIRD_2).blend(x2, THIRD_0).rearrange(TRIPLES_1).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) x0.blend(x1, THIRD_0).blend(x2, THIRD_1).rearrange(TRIPLES_2).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
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
            int wAt = outAt + row * 3;
            x0.lanewise(MUL, rounded.rearrange(TRIPLES_OF_0)).intoArray(out, wAt);
            x1.lanewise(MUL, rounded.rearrange(TRIPLES_OF_1)).intoArray(out, wAt + GROUP);
            x2.lanewise(MUL, rounded.rearrange(TRIPLES_OF_2)).intoArray(out, wAt + 2 * GROUP);
        }
        return rows & -LANES;
    }

    /**
     * Rows of seven: element j lies in lane l of vector {@code (j − l) mod 7}. As a barrel shifter does it, one blend for each bit of l
     * brings them together.
     */
    private static int sevens(Output output, double epsilon, float[] v, int at, int rows, float[] gains, int gainAt, int gainStep,
            float[] out, int outAt) {
        float smallest = output == Output.NORM ? 0 : Channel.SMALLEST_FACTOR;
        float largest = output == Output.NORM ? Float.POSITIVE_INFINITY : Channel.LARGEST_FACTOR;
        for (int row = 0; row <= rows - LANES; row += LANES) {
            int base = at + row * 7;
            FloatVector x0 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base));
            FloatVector x1 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + GROUP));
            FloatVector x2 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 2 * GROUP));
            FloatVector x3 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 3 * GROUP));
            FloatVector x4 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 4 * GROUP));
            FloatVector x5 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 5 * GROUP));
            FloatVector x6 = (FloatVector) FLOATS_CLASS.cast(FloatVector.fromArray(FLOATS, v, base + 6 * GROUP));
            FloatVector y0 = x0.blend(x6, UPPER_1);
            FloatVector y1 = x1.blend(x0, UPPER_1);
            FloatVector y2 = x2.blend(x1, UPPER_1);
            FloatVector y3 = x3.blend(x2, UPPER_1);
            FloatVector y4 = x4.blend(x3, UPPER_1);
            FloatVector y5 = x5.blend(x4, UPPER_1);
            FloatVector y6 = x6.blend(x5, UPPER_1);
            FloatVector z0 = y0.blend(y5, UPPER_2);
            FloatVector z1 = y1.blend(y6, UPPER_2);
            FloatVector z2 = y2.blend(y0, UPPER_2);
            FloatVector z3 = y3.blend(y1, UPPER_2);
            FloatVector z4 = y4.blend(y2, UPPER_2);
            FloatVector z5 = y5.blend(y3, UPPER_2);
            FloatVector z6 = y6.blend(y4, UPPER_2);
            DoubleVector x = (DoubleVector) z0.blend(z3, UPPER_4).rearrange(SEVENS_0).convertShape(F2D, DOUBLES, 0);
            DoubleVector sums = x.lanewise(MUL, x);
            x = (DoubleVector) z1.blend(z4, UPPER_4).rearrange(SEVENS_1).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) z2.blend(z5, UPPER_4).rearrange(SEVENS_2).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) z3.blend(z6, UPPER_4).rearrange(SEVENS_3).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) z4.blend(z0, UPPER_4).rearrange(SEVENS_4).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) z5.blend(z1, UPPER_4).rearrange(SEVENS_5).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
            x = (DoubleVector) z6.blend(z2, UPPER_4).rearrange(SEVENS_6).convertShape(F2D, DOUBLES, 0);
            sums = FUSED ? x.lanewise(FMA, x, sums) : sums.lanewise(ADD, x.lanewise(MUL, x));
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
            int wAt = outAt + row * 7;
            x0.lanewise(MUL, rounded.rearrange(SEVENS_OF_0)).intoArray(out, wAt);
            x1.lanewise(MUL, rounded.rearrange(SEVENS_OF_1)).intoArray(out, wAt + GROUP);
            x2.lanewise(MUL, rounded.rearrange(SEVENS_OF_2)).intoArray(out, wAt + 2 * GROUP);
            x3.lanewise(MUL, rounded.rearrange(SEVENS_OF_3)).intoArray(out, wAt + 3 * GROUP);
            x4.lanewise(MUL, rounded.rearrange(SEVENS_OF_4)).intoArray(out, wAt + 4 * GROUP);
            x5.lanewise(MUL, rounded.rearrange(SEVENS_OF_5)).intoArray(out, wAt + 5 * GROUP);
            x6.lanewise(MUL, rounded.rearrange(SEVENS_OF_6)).intoArray(out, wAt + 6 * GROUP);
        }
        return rows & -LANES;
    }
}
