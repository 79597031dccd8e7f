package io.github.weightnorm.properties;

import static io.github.weightnorm.properties.Calls.assertWeights;
import static io.github.weightnorm.properties.Calls.require;
import static io.github.weightnorm.properties.Calls.shifted;
import static io.github.weightnorm.properties.Reference.assertSameBits;
import static io.github.weightnorm.properties.Reference.assertWithinUlp;

import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;

/**
 * What holds for a weight normalization kernel. A subclass says which kernel, and whatever runs jqwik's tests runs these.
 *
 * <p>A kernel that is meant to differ in one point overrides that property's method and leaves out the annotation; one that sums in
 * float, say, states other bounds. jqwik prints the case and the seed of a failure.
 */
@PropertyDefaults(tries = 100, edgeCases = EdgeCasesMode.NONE)
public abstract class WeightNormProperties {

    /** For subclasses. */
    protected WeightNormProperties() {}

    /**
     * The kernel.
     *
     * @return the same one at every call, or one like it
     */
    protected abstract WeightNormKernel kernel();

    /**
     * How far a norm or a scale may be from the truth.
     *
     * @return the bound in units in the last place; by default, 0.501
     */
    protected double normUlps() {
        return 0.501;
    }

    /**
     * How far a weight or a direction may be from the truth, unless it is subnormal: then the bound is 1, or this if it is more.
     *
     * @return the bound in units in the last place; by default, 1.5
     */
    protected double weightUlps() {
        return 1.5;
    }

    @Property
    protected void directionsHaveUnitLength(@ForAll("everyday") WeightCase c) {
        float[] directions = new float[c.layer().size()];
        kernel().directions(c.layer(), c.v(), directions);
        double[] squares = new double[c.layer().channels()];
        int[] channels = c.channels();
        for (int i = 0; i < directions.length; i++) {
            squares[channels[i]] += (double) directions[i] * directions[i];
        }
        // So many ulp are at most that many times 2^-23 of an element, and twice that of its square.
        double tolerance = 2.01 * weightUlps() * 0x1p-23;
        for (int channel = 0; channel < squares.length; channel++) {
            require(Math.abs(squares[channel] - 1) <= tolerance, "the squares of direction " + channel + " add up to " + squares[channel]);
        }
    }

    @Property
    protected void normsAreTheNearestFloats(@ForAll("everyday") WeightCase c) {
        assertWithinUlp("norm", c.trueNorms(), call().norms(c), normUlps());
    }

    @Property
    protected void scalesAreTheNearestFloats(@ForAll("everyday") WeightCase c) {
        float[] scales = new float[c.layer().channels()];
        if (kernel().scales(c.layer(), c.v(), c.g(), scales)) {
            assertWithinUlp("scale", Reference.scales(c.g(), c.trueNorms()), scales, normUlps());
        }
    }

    @Property
    protected void weightsAreWithinTheirBound(@ForAll("everyday") WeightCase c) {
        assertWeights(c, weightUlps(), call().reconstruct(c));
    }

    @Property
    protected void everyMagnitudeIsRight(@ForAll("extreme") WeightCase c) {
        assertWithinUlp("norm", c.trueNorms(), call().norms(c), normUlps());
        assertWeights(c, weightUlps(), call().reconstruct(c));
    }

    @Property(tries = 20)
    protected void longRowsAreRight(@ForAll("longRows") WeightCase c) {
        assertWithinUlp("norm", c.trueNorms(), call().norms(c), normUlps());
        assertWeights(c, weightUlps(), call().reconstruct(c));
    }

    /** The axis is the classic slip: both sizes fit, and every number is wrong. */
    @Property
    protected void transposedConvolutionsKeepTheirAxis(@ForAll("transposedConvolutions") WeightCase c) {
        assertWithinUlp("norm", c.trueNorms(), call().norms(c), normUlps());
        assertWeights(c, weightUlps(), call().reconstruct(c));
    }

    @Property
    protected void epsilonGoesUnderTheRoot(@ForAll("withEpsilon") WeightCase c) {
        assertWithinUlp("norm", c.trueNorms(), call().norms(c), normUlps());
        assertWeights(c, weightUlps(), call().reconstruct(c));
    }

    @Property
    protected void weightsSurviveDecomposition(@ForAll("everyday") WeightCase c) {
        float[] w = c.v();
        float[] g = new float[c.layer().channels()];
        float[] v = new float[w.length];
        kernel().decompose(c.layer(), w, g, v);
        double[] norms = c.trueNorms();
        assertWithinUlp("gain", norms, g, normUlps());
        float[] again = new float[w.length];
        kernel().reconstruct(c.layer(), v, g, again);
        double[] expected = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            expected[i] = w[i];
        }
        assertWithinUlp("w", expected, again, weightUlps() + normUlps());
    }

    /** While nothing leaves the normal range, v and 2ᵏ·v have the same direction in every bit. */
    @Property
    protected void powersOfTwoInDirectionsCancel(@ForAll("everyday") WeightCase c) {
        float[] v = c.v();
        int exponent = (int) (Long.remainderUnsigned(c.seed(), 91) - 45);
        for (int i = 0; i < v.length; i++) {
            v[i] = Math.abs(v[i]) < 1e-20f ? 0 : v[i];
        }
        float[] scaled = v.clone();
        for (int i = 0; i < v.length; i++) {
            scaled[i] = Math.scalb(v[i], exponent);
        }
        assertSameBits("w of v times 2^" + exponent, call().reconstruct(c.layer(), v, c.g()), call().reconstruct(c.layer(), scaled, c.g()));
    }

    @Property
    protected void channelsAreIndependent(@ForAll("channels") WeightCase c) {
        float[] v = c.v();
        float[] g = c.g();
        float[] other = Numbers.LOG_UNIFORM.array(v.length, c.seed() + 1);
        int[] channels = c.channels();
        for (int i = 0; i < v.length; i++) {
            v[i] = channels[i] == c.someChannel() ? other[i] : v[i];
        }
        g[c.someChannel()] *= -3;
        call().assertOthersAreAsBefore(c, call().reconstruct(c.layer(), v, g), call().norms(c.layer(), v));
    }

    @Property
    protected void aChannelOfZerosGivesZeros(@ForAll("channels") WeightCase c) {
        float[] v = c.withSpecial(0, 0);
        float[] w = call().reconstruct(c.layer(), v, c.g());
        float[] norms = call().norms(c.layer(), v);
        require(norms[c.someChannel()] == 0, "norm " + norms[c.someChannel()]);
        int[] channels = c.channels();
        for (int i = 0; i < w.length; i++) {
            require(channels[i] != c.someChannel() || w[i] == 0, "w[" + i + "]: " + w[i]);
        }
        call().assertOthersAreAsBefore(c, w, norms);
    }

    @Property
    protected void nanStaysInItsChannel(@ForAll("channels") WeightCase c) {
        float[] v = c.withSpecial(Float.NaN, 1);
        float[] w = call().reconstruct(c.layer(), v, c.g());
        float[] norms = call().norms(c.layer(), v);
        require(Float.isNaN(norms[c.someChannel()]), "norm " + norms[c.someChannel()]);
        int[] channels = c.channels();
        for (int i = 0; i < w.length; i++) {
            require(channels[i] != c.someChannel() || Float.isNaN(w[i]), "w[" + i + "]: " + w[i]);
        }
        call().assertOthersAreAsBefore(c, w, norms);
    }

    /** As IEEE arithmetic has it: the norm is infinite, what is finite comes to 0, and infinity by infinity is NaN. */
    @Property
    protected void infinityStaysInItsChannel(@ForAll("channels") WeightCase c) {
        float[] v = c.withSpecial(Float.NEGATIVE_INFINITY, 1);
        float[] w = call().reconstruct(c.layer(), v, c.g());
        float[] norms = call().norms(c.layer(), v);
        require(norms[c.someChannel()] == Float.POSITIVE_INFINITY, "norm " + norms[c.someChannel()]);
        int[] channels = c.channels();
        for (int i = 0; i < w.length; i++) {
            require(channels[i] != c.someChannel() || (Float.isInfinite(v[i]) ? Float.isNaN(w[i]) : w[i] == 0), "w[" + i + "]: " + w[i]);
        }
        call().assertOthersAreAsBefore(c, w, norms);
    }

    @Property
    protected void inputsAreLeftAlone(@ForAll("extreme") WeightCase c) {
        float[] v = c.v();
        float[] g = c.g();
        kernel().reconstruct(c.layer(), v, g, new float[v.length]);
        kernel().norms(c.layer(), v, new float[g.length]);
        assertSameBits("v", c.v(), v);
        assertSameBits("g", c.g(), g);
    }

    @Property
    protected void inPlaceEqualsOutOfPlace(@ForAll("everyday") WeightCase c) {
        float[] v = c.v();
        if (kernel().reconstructInPlace(c.layer(), v, c.g())) {
            assertSameBits("w", call().reconstruct(c), v);
        }
    }

    @Property
    protected void offsetsDoNotMatter(@ForAll("everyday") WeightCase c) {
        int vOffset = (int) Long.remainderUnsigned(c.seed(), 17);
        int gOffset = (int) Long.remainderUnsigned(c.seed(), 7);
        int wOffset = (int) Long.remainderUnsigned(c.seed(), 13);
        int size = c.layer().size();
        float[] w = new float[wOffset + size + 9];
        Arrays.fill(w, 77);
        if (kernel().reconstructAt(c.layer(), shifted(c.v(), vOffset), vOffset, shifted(c.g(), gOffset), gOffset, w, wOffset)) {
            assertSameBits("w", call().reconstruct(c), Arrays.copyOfRange(w, wOffset, wOffset + size));
            for (int i = 0; i < w.length; i++) {
                require(i >= wOffset && i < wOffset + size || w[i] == 77, "written outside of w, at " + (i - wOffset));
            }
        }
    }

    @Property
    protected void rangesCoverTheLayer(@ForAll("everyday") WeightCase c) {
        int channels = c.layer().channels();
        int width = 1 + c.someChannel();
        float[] w = new float[c.layer().size()];
        boolean offered = true;
        for (int from = 0; from < channels; from += width) {
            offered &= kernel().reconstructRange(c.layer(), from, Math.min(channels, from + width), c.v(), c.g(), w);
        }
        if (offered) {
            assertSameBits("w", call().reconstruct(c), w);
            float[] some = new float[w.length];
            Arrays.fill(some, 77);
            kernel().reconstructRange(c.layer(), c.someChannel(), c.someChannel() + 1, c.v(), c.g(), some);
            int[] of = c.channels();
            for (int i = 0; i < w.length; i++) {
                require(some[i] == (of[i] == c.someChannel() ? w[i] : 77), "w[" + i + "]: " + some[i]);
            }
        }
    }

    @Provide
    Arbitrary<WeightCase> everyday() {
        return Cases.of(Cases.layers(kernel()::supports), Numbers.EVERYDAY);
    }

    @Provide
    Arbitrary<WeightCase> channels() {
        return Cases.of(Cases.layersOfChannels(kernel()::supports), Numbers.EVERYDAY);
    }

    @Provide
    Arbitrary<WeightCase> extreme() {
        return Cases.withExtremeGains(Cases.layers(kernel()::supports), Numbers.EXTREME);
    }

    @Provide
    Arbitrary<WeightCase> longRows() {
        return Cases.of(Cases.longRows(kernel()::supports), Numbers.values());
    }

    @Provide
    Arbitrary<WeightCase> transposedConvolutions() {
        return Cases.of(Cases.transposedConvolutions(kernel()::supports), Numbers.EVERYDAY);
    }

    @Provide
    Arbitrary<WeightCase> withEpsilon() {
        return Cases.of(Cases.layersWithEpsilon(kernel()::supports), Numbers.values());
    }

    private Calls call() {
        return new Calls(kernel());
    }
}
