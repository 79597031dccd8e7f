package io.github.weightnorm;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The vectors of this machine, as constants, which is what C2 needs them to be. */
final class VectorLanes {

    static final VectorSpecies<Double> DOUBLES = doubles();
    /** The number of doubles in a vector. */
    static final int LANES = DOUBLES.length();
    /** As many floats as doubles, in half the bits: what one conversion takes. */
    static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));
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

    /** The gains of directions. */
    static final float[] ONES = ones();

    /** In blends: the lanes whose number has this bit. */
    static final VectorMask<Float> UPPER_4 = floats(lane -> (lane & 4) != 0);
    static final VectorMask<Float> UPPER_2 = floats(lane -> (lane & 2) != 0);
    static final VectorMask<Float> UPPER_1 = floats(lane -> (lane & 1) != 0);
    static final VectorMask<Double> UPPER_SUMS_4 = UPPER_4.cast(DOUBLES);
    static final VectorMask<Double> UPPER_SUMS_2 = UPPER_2.cast(DOUBLES);
    static final VectorMask<Double> UPPER_SUMS_1 = UPPER_1.cast(DOUBLES);
    /** Rearrangements that exchange the lanes which differ in this bit. */
    static final VectorShuffle<Float> SWAP_4 = floatsFrom(lane -> lane ^ 4);
    static final VectorShuffle<Float> SWAP_2 = floatsFrom(lane -> lane ^ 2);
    static final VectorShuffle<Float> SWAP_1 = floatsFrom(lane -> lane ^ 1);
    static final VectorShuffle<Double> SWAP_SUMS_4 = SWAP_4.cast(DOUBLES);
    static final VectorShuffle<Double> SWAP_SUMS_2 = SWAP_2.cast(DOUBLES);
    static final VectorShuffle<Double> SWAP_SUMS_1 = SWAP_1.cast(DOUBLES);

    /** The floats of a cache line, which is as long as the longest vector. */
    static final int LINE = 16;
    /** An array's header takes the place of so many floats. */
    private static final int HEADER = 4;

    private VectorLanes() {}

    /** How many elements, from one on, lie before the beginning of a cache line: at most 15, and 0 if there is no telling. */
    static int toLine(float[] array, int at) {
        return array.length < Kernels.ALIGNED_ARRAY ? 0 : -(at + HEADER) & LINE - 1;
    }

    /** The lanes of {@link #FLOATS} for which that holds. */
    static VectorMask<Float> floats(IntPredicate member) {
        boolean[] bits = new boolean[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            bits[lane] = member.test(lane);
        }
        return VectorMask.fromArray(FLOATS, bits, 0);
    }

    /** A rearrangement of {@link #FLOATS}: which lane each lane is taken from, modulo their number. */
    static VectorShuffle<Float> floatsFrom(IntUnaryOperator source) {
        return VectorShuffle.fromOp(FLOATS, lane -> source.applyAsInt(lane) % LANES);
    }

    /** A rearrangement of {@link #WIDE}, by its first half. */
    static VectorShuffle<Float> widesFrom(IntUnaryOperator source) {
        return VectorShuffle.fromOp(WIDE, lane -> source.applyAsInt(lane) % LANES);
    }

    private static float[] ones() {
        float[] ones = new float[4 * LANES];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static VectorShuffle<Double> down(int lanes) {
        return VectorShuffle.fromOp(DOUBLES, lane -> (lane + lanes) % LANES);
    }

    private static VectorSpecies<Double> doubles() {
        VectorSpecies<Double> preferred = DoubleVector.SPECIES_PREFERRED;
        if (preferred.length() < 2) {
            throw new UnsupportedOperationException("a vector of this machine holds one double");
        }
        // 32 partial sums are four vectors of 512 bit; wider ones (SVE) would have to share.
        return preferred.length() <= Kernels.GROUP ? preferred : DoubleVector.SPECIES_512;
    }
}
