package io.github.weightnorm;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.Vector;
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

    private VectorLanes() {}

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
