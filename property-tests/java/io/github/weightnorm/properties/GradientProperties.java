package io.github.weightnorm.properties;

import static io.github.weightnorm.properties.Calls.require;
import static io.github.weightnorm.properties.Reference.assertSameBits;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;

/**
 * What holds for the gradients of weight normalization. A subclass says of which kernel, and whatever runs jqwik's tests runs these.
 *
 * <p>Bounds are in units of 2⁻²⁴, half the last place of a float of 1.
 */
@PropertyDefaults(tries = 100, edgeCases = EdgeCasesMode.NONE)
public abstract class GradientProperties {

    /** For subclasses. */
    protected GradientProperties() {}

    /**
     * The kernel.
     *
     * @return the same one at every call, or one like it
     */
    protected abstract GradientKernel kernel();

    /**
     * How far an element of ∇v may be from the truth, in units of its magnitude.
     *
     * @return the bound; by default, 3: two coefficients or operations that round, and the result
     */
    protected double elementBound() {
        return 3.001;
    }

    /**
     * How far it may be from it on top of that, in units of the part along v that was taken off.
     *
     * @return the bound; by default, 2: a coefficient and a product
     */
    protected double partBound() {
        return 2.001;
    }

    /**
     * How far an element of ∇g may be from the truth, in units of its magnitude.
     *
     * @return the bound; by default, 1: the result rounds, once
     */
    protected double gainBound() {
        return 1.001;
    }

    /** A kernel's results for one case. */
    private record Results(float[] v, float[] g) {}

    private Results call(Layer layer, float[] weightGradient, float[] v, float[] g) {
        Results results = new Results(new float[v.length], new float[g.length]);
        kernel().gradients(layer, weightGradient, v, g, results.v, results.g);
        return results;
    }

    private Results call(GradientCase c) {
        return call(c.layer(), c.weightGradient(), c.v(), c.g());
    }

    private void assertTrue(GradientCase c) {
        Results results = call(c);
        c.truth().assertClose(results.v, results.g, c.weight().channels(), elementBound(), partBound(), gainBound());
    }

    @Property
    protected void gradientsAreTheTrueOnes(@ForAll("everyday") GradientCase c) {
        assertTrue(c);
    }

    @Property
    protected void everyMagnitudeIsRight(@ForAll("extreme") GradientCase c) {
        assertTrue(c);
    }

    @Property(tries = 20)
    protected void longRowsAreRight(@ForAll("longRows") GradientCase c) {
        assertTrue(c);
    }

    @Property
    protected void epsilonIsPartOfTheNorm(@ForAll("withEpsilon") GradientCase c) {
        assertTrue(c);
    }

    /** What no formula of ours can hide: the change of {@code Σ∇w·w}, in double, by a little more and a little less of one parameter. */
    @Property
    protected void finiteDifferencesAgree(@ForAll("ordinary") GradientCase c) {
        float[] v = c.v();
        float[] g = c.g();
        float[] weightGradient = c.weightGradient();
        Results results = call(c);
        int[] channels = c.weight().channels();
        int channel = c.weight().someChannel();
        double norm = Reference.norms(v, channels, g.length, c.layer().epsilon())[channel];
        double length = 0;
        for (int i = 0; i < v.length; i++) {
            length = channels[i] == channel ? Math.hypot(length, weightGradient[i]) : length;
        }
        double step = 1e-4;
        double ofGain = (loss(c, channel, -1, 0, g[channel] + step) - loss(c, channel, -1, 0, g[channel] - step)) / (2 * step);
        assertNear("∇g", ofGain, results.g[channel], 1e-6 * length);
        double change = step * norm;
        for (int i = 0; i < v.length; i++) {
            if (channels[i] == channel) {
                double ofElement = (loss(c, channel, i, change, g[channel]) - loss(c, channel, i, -change, g[channel])) / (2 * change);
                assertNear("∇v[" + i + "]", ofElement, results.v[i], 1e-6 * Math.abs(g[channel]) / norm * length);
            }
        }
    }

    private static void assertNear(String what, double difference, float gradient, double bound) {
        require(Math.abs(difference - gradient) <= bound, what + ": " + gradient + ", by finite differences " + difference);
    }

    /** {@code Σ∇w·g·v/√(Σv² + ε)} of one channel, where one element of v is another. */
    private static double loss(GradientCase c, int channel, int element, double change, double gain) {
        float[] v = c.v();
        float[] weightGradient = c.weightGradient();
        int[] channels = c.weight().channels();
        double squares = c.layer().epsilon();
        double products = 0;
        for (int i = 0; i < v.length; i++) {
            if (channels[i] == channel) {
                double x = i == element ? v[i] + change : v[i];
                squares += x * x;
                products += weightGradient[i] * x;
            }
        }
        return gain * products / Math.sqrt(squares);
    }

    /** {@code Σ∇v·v = 0}: what lies along v changes its length, on which the weight does not depend. */
    @Property
    protected void directionGradientsAreOrthogonalToV(@ForAll("everyday") GradientCase c) {
        float[] v = c.v();
        Results results = call(c);
        Gradients truth = c.truth();
        int[] channels = c.weight().channels();
        double[] sums = new double[c.layer().channels()];
        double[] bounds = new double[sums.length];
        for (int i = 0; i < v.length; i++) {
            sums[channels[i]] += (double) results.v[i] * v[i];
            double bound = elementBound() * Math.abs(truth.v()[i]) + partBound() * truth.parts()[i];
            bounds[channels[i]] += (0x1.1p-24 * bound + Float.MIN_VALUE) * Math.abs(v[i]);
        }
        for (int channel = 0; channel < sums.length; channel++) {
            require(Math.abs(sums[channel]) <= bounds[channel], "Σ∇v·v of channel " + channel + ": " + sums[channel]);
        }
    }

    /** {@code ‖v − η∇v‖ ≥ ‖v‖}: by the theorem of Pythagoras (Salimans and Kingma, section 2.1). */
    @Property
    protected void stepsNeverShortenV(@ForAll("everyday") GradientCase c) {
        float[] v = c.v();
        Results results = call(c);
        int[] channels = c.weight().channels();
        Gradients truth = c.truth();
        for (double rate : new double[] {0.001, 0.1, 10}) {
            double[] before = new double[c.layer().channels()];
            double[] after = new double[before.length];
            double[] bounds = new double[before.length];
            for (int i = 0; i < v.length; i++) {
                before[channels[i]] += (double) v[i] * v[i];
                after[channels[i]] += Math.pow(v[i] - rate * results.v[i], 2);
                double bound = elementBound() * Math.abs(truth.v()[i]) + partBound() * truth.parts()[i];
                bounds[channels[i]] += 2 * rate * (0x1.1p-24 * bound + Float.MIN_VALUE) * Math.abs(v[i]);
            }
            for (int channel = 0; channel < before.length; channel++) {
                double least = before[channel] * (1 - 1e-12) - bounds[channel];
                require(after[channel] >= least, "‖v‖² of channel " + channel + ": " + before[channel] + ", then " + after[channel]);
            }
        }
    }

    /** {@code v → 2ᵏ·v} gives {@code ∇v/2ᵏ} and the same {@code ∇g}, in every bit while nothing leaves the normal range. */
    @Property
    protected void longerDirectionsHaveSmallerGradients(@ForAll("everyday") GradientCase c) {
        int exponent = (int) Long.remainderUnsigned(c.weight().seed(), 31) - 15;
        float[] v = c.v();
        float[] scaled = v.clone();
        for (int i = 0; i < v.length; i++) {
            scaled[i] = Math.scalb(v[i], exponent);
        }
        Results results = call(c);
        Results ofScaled = call(c.layer(), c.weightGradient(), scaled, c.g());
        for (int i = 0; i < v.length; i++) {
            ofScaled.v[i] = Math.scalb(ofScaled.v[i], exponent);
        }
        // A signed zero or a number near the bottom of the range may differ.
        for (int i = 0; i < v.length; i++) {
            if (Math.abs(results.v[i]) < 0x1p-90f) {
                require(Math.abs(ofScaled.v[i]) < 0x1p-89f, "∇v[" + i + "]: " + ofScaled.v[i]);
                ofScaled.v[i] = results.v[i];
            }
        }
        assertSameBits("∇v of 2^" + exponent + "·v", results.v, ofScaled.v);
        assertSameBits("∇g of 2^" + exponent + "·v", results.g, ofScaled.g);
    }

    @Property
    protected void channelsAreIndependent(@ForAll("channels") GradientCase c) {
        float[] weightGradient = c.weightGradient();
        float[] v = c.v();
        float[] g = c.g();
        float[] other = Numbers.LOG_UNIFORM.array(2 * v.length, c.weight().seed() + 1);
        int[] channels = c.weight().channels();
        for (int i = 0; i < v.length; i++) {
            if (channels[i] == c.weight().someChannel()) {
                v[i] = other[i];
                weightGradient[i] = other[v.length + i];
            }
        }
        g[c.weight().someChannel()] *= -3;
        assertOthersAreAsBefore(c, call(c.layer(), weightGradient, v, g));
    }

    private void assertOthersAreAsBefore(GradientCase c, Results results) {
        Results before = call(c);
        int[] channels = c.weight().channels();
        for (int i = 0; i < channels.length; i++) {
            before.v[i] = channels[i] == c.weight().someChannel() ? results.v[i] : before.v[i];
        }
        before.g[c.weight().someChannel()] = results.g[c.weight().someChannel()];
        assertSameBits("∇v of another channel", before.v, results.v);
        assertSameBits("∇g of another channel", before.g, results.g);
    }

    @Property
    protected void aChannelOfZerosGivesZeros(@ForAll("channels") GradientCase c) {
        Results results = call(c.layer(), c.weightGradient(), c.weight().withSpecial(0, 0), c.g());
        assertEach(c, results, 0);
        assertOthersAreAsBefore(c, results);
    }

    @Property
    protected void nanStaysInItsChannel(@ForAll("channels") GradientCase c) {
        Results results = call(c.layer(), c.weightGradient(), c.weight().withSpecial(Float.NaN, 1), c.g());
        assertEach(c, results, Float.NaN);
        assertOthersAreAsBefore(c, results);
    }

    private static void assertEach(GradientCase c, Results results, float expected) {
        int channel = c.weight().someChannel();
        int[] channels = c.weight().channels();
        for (int i = 0; i < channels.length; i++) {
            // Both zeros are zeros.
            boolean as = results.v[i] == expected || Float.isNaN(results.v[i]) && Float.isNaN(expected);
            require(channels[i] != channel || as, "∇v[" + i + "]: " + results.v[i]);
        }
        float g = results.g[channel];
        require(g == expected || Float.isNaN(g) && Float.isNaN(expected), "∇g[" + channel + "]: " + g);
    }

    @Property
    protected void inputsAreLeftAlone(@ForAll("extreme") GradientCase c) {
        float[] weightGradient = c.weightGradient();
        float[] v = c.v();
        float[] g = c.g();
        call(c.layer(), weightGradient, v, g);
        assertSameBits("∇w", c.weightGradient(), weightGradient);
        assertSameBits("v", c.v(), v);
        assertSameBits("g", c.g(), g);
    }

    @Property
    protected void inPlaceEqualsOutOfPlace(@ForAll("everyday") GradientCase c) {
        float[] weightGradient = c.weightGradient();
        float[] gGradient = new float[c.layer().channels()];
        if (kernel().gradientsInPlace(c.layer(), weightGradient, c.v(), c.g(), gGradient)) {
            Results results = call(c);
            assertSameBits("∇v", results.v, weightGradient);
            assertSameBits("∇g", results.g, gGradient);
        }
    }

    @Property
    protected void rangesCoverTheLayer(@ForAll("everyday") GradientCase c) {
        int channels = c.layer().channels();
        int width = 1 + c.weight().someChannel();
        Results parts = new Results(new float[c.layer().size()], new float[channels]);
        Arrays.fill(parts.v, 77);
        boolean offered = true;
        for (int from = 0; from < channels; from += width) {
            offered &= kernel().gradientsRange(c.layer(), from, Math.min(channels, from + width), c.weightGradient(), c.v(), c.g(), parts.v,
                    parts.g);
        }
        if (offered) {
            Results results = call(c);
            assertSameBits("∇v", results.v, parts.v);
            assertSameBits("∇g", results.g, parts.g);
        }
    }

    @Provide
    Arbitrary<GradientCase> everyday() {
        return cases(Cases.of(Cases.layers(kernel()::supports), Numbers.EVERYDAY), Numbers.EVERYDAY);
    }

    @Provide
    Arbitrary<GradientCase> ordinary() {
        return cases(Cases.of(Cases.layersWithAndWithoutEpsilon(kernel()::supports), Numbers.UNIFORM, Numbers.ALTERNATING),
                Numbers.EVERYDAY);
    }

    @Provide
    Arbitrary<GradientCase> channels() {
        return cases(Cases.of(Cases.layersOfChannels(kernel()::supports), Numbers.EVERYDAY), Numbers.EVERYDAY);
    }

    @Provide
    Arbitrary<GradientCase> extreme() {
        return cases(Cases.withExtremeGains(Cases.layers(kernel()::supports), Numbers.EXTREME), Numbers.values());
    }

    @Provide
    Arbitrary<GradientCase> longRows() {
        return cases(Cases.of(Cases.longRows(kernel()::supports), Numbers.EVERYDAY), Numbers.EVERYDAY);
    }

    @Provide
    Arbitrary<GradientCase> withEpsilon() {
        return cases(Cases.of(Cases.layersWithEpsilon(kernel()::supports), Numbers.EVERYDAY), Numbers.EVERYDAY);
    }

    private static Arbitrary<GradientCase> cases(Arbitrary<WeightCase> weights, Numbers... gradients) {
        return Combinators.combine(weights, Arbitraries.of(gradients)).as(GradientCase::new);
    }
}
