package io.github.weightnorm.properties;

import static io.github.weightnorm.properties.Reference.assertSameBits;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;

/** Two kernels give the same results in every bit: a vector kernel and its scalar counterpart, say. */
@PropertyDefaults(tries = 300, edgeCases = EdgeCasesMode.NONE)
public abstract class AgreementProperties {

    /** For subclasses. */
    protected AgreementProperties() {}

    /**
     * One of the two.
     *
     * @return the kernel
     */
    protected abstract WeightNormKernel one();

    /**
     * The other.
     *
     * @return the kernel
     */
    protected abstract WeightNormKernel other();

    @Property
    protected void normsHaveTheSameBits(@ForAll("all") WeightCase c) {
        float[] expected = new float[c.layer().channels()];
        float[] actual = new float[expected.length];
        one().norms(c.layer(), c.v(), expected);
        other().norms(c.layer(), c.v(), actual);
        assertSameBits("norm", expected, actual);
    }

    @Property
    protected void scalesHaveTheSameBits(@ForAll("all") WeightCase c) {
        float[] expected = new float[c.layer().channels()];
        float[] actual = new float[expected.length];
        if (one().scales(c.layer(), c.v(), c.g(), expected) && other().scales(c.layer(), c.v(), c.g(), actual)) {
            assertSameBits("scale", expected, actual);
        }
    }

    @Property
    protected void directionsHaveTheSameBits(@ForAll("all") WeightCase c) {
        float[] expected = new float[c.layer().size()];
        float[] actual = new float[expected.length];
        one().directions(c.layer(), c.v(), expected);
        other().directions(c.layer(), c.v(), actual);
        assertSameBits("direction", expected, actual);
    }

    @Property
    protected void weightsHaveTheSameBits(@ForAll("all") WeightCase c) {
        float[] expected = new float[c.layer().size()];
        float[] actual = new float[expected.length];
        one().reconstruct(c.layer(), c.v(), c.g(), expected);
        other().reconstruct(c.layer(), c.v(), c.g(), actual);
        assertSameBits("w", expected, actual);
    }

    /** With other offsets on either side. */
    @Property
    protected void offsetsDoNotMatter(@ForAll("all") WeightCase c) {
        int size = c.layer().size();
        float[] v = c.v();
        float[] g = c.g();
        int shift = (int) Long.remainderUnsigned(c.seed(), 19);
        float[] shiftedV = new float[size + shift];
        System.arraycopy(v, 0, shiftedV, shift, size);
        float[] expected = new float[size];
        float[] actual = new float[size];
        if (one().reconstructAt(c.layer(), v, 0, g, 0, expected, 0)
                && other().reconstructAt(c.layer(), shiftedV, shift, g, 0, actual, 0)) {
            assertSameBits("w", expected, actual);
        }
    }

    @Provide
    Arbitrary<WeightCase> all() {
        WeightNormKernel one = one();
        WeightNormKernel other = other();
        return Cases.withExtremeGains(Cases.layersWithAndWithoutEpsilon(layer -> one.supports(layer) && other.supports(layer)),
                Numbers.values());
    }
}
