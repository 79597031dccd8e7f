package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.weightnorm.properties.Reference;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradients of the scalar and the vector back end agree in every bit: out of place, in place, at offsets and in ranges. */
class GradientAgreementTest {

    private final GradientKernels scalar = new ScalarGradients();
    private GradientKernels vector;

    static List<WeightNorm> layers() {
        return Samples.layers();
    }

    @BeforeEach
    void loadTheVectorBackEnd() {
        Kernels kernels = Backend.choose("vector", Machine.current(), VectorKernels::new).kernels();
        assumeTrue(kernels != null, "this JVM runs without the vector module");
        vector = GradientKernels.of(kernels, () -> new VectorGradients());
    }

    @ParameterizedTest
    @MethodSource("layers")
    void onOrdinaryNumbers(WeightNorm layer) {
        agree(layer, Samples.floats(layer.size(), 1, 3), Samples.floats(layer.size(), 2, 3), Samples.floats(layer.channelCount(), 3, 3));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void onNumbersOfEveryMagnitude(WeightNorm layer) {
        agree(layer, Samples.floats(layer.size(), 4, 127), Samples.floats(layer.size(), 5, 127),
                Samples.floats(layer.channelCount(), 6, 127));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void onSpecialValues(WeightNorm layer) {
        float[] g = Samples.specials(layer.channelCount(), 9);
        agree(layer, Samples.specials(layer.size(), 7), Samples.specials(layer.size(), 8), g);
        agree(layer, Samples.floats(layer.size(), 10, 3), new float[layer.size()], g);
        agree(layer, new float[layer.size()], Samples.floats(layer.size(), 11, 3), g);
    }

    @Test
    void inRanges() {
        for (WeightNorm layer : Samples.layers()) {
            int channels = layer.channelCount();
            WeightNorm middle = layer.range(channels / 3, channels - channels / 4);
            agree(middle, Samples.floats(layer.size(), 12, 9), Samples.floats(layer.size(), 13, 9), Samples.floats(channels, 14, 9));
        }
    }

    /** One channel among plain ones, from where it is too small to be plain to where it is too large, in each of its arrays. */
    @Test
    void aroundTheLimitsOfPlainChannels() {
        WeightNorm layer = WeightNorm.of(new int[] {5, 40}, 1);
        for (int exponent = -149; exponent < 128; exponent++) {
            float factor = Math.scalb(1f, exponent);
            agree(layer, scaled(layer, 15, factor), Samples.floats(200, 16, 3), Samples.floats(40, 17, 3));
            agree(layer, Samples.floats(200, 15, 3), scaled(layer, 16, factor), Samples.floats(40, 17, 3));
            float[] g = Samples.floats(40, 17, 3);
            g[6] *= factor;
            agree(layer, Samples.floats(200, 15, 3), Samples.floats(200, 16, 3), g);
        }
    }

    private static float[] scaled(WeightNorm layer, int seed, float factor) {
        float[] array = Samples.floats(layer.size(), seed, 3);
        for (int i = 6; i < array.length; i += layer.channelCount()) {
            array[i] *= factor;
        }
        return array;
    }

    /** The results: ∇v, and ∇g behind it. */
    private void agree(WeightNorm layer, float[] dw, float[] v, float[] g) {
        float[] expected = apart(scalar, layer, dw, v, g, 0);
        Reference.assertSameBits("of " + layer, expected, apart(vector, layer, dw, v, g, 0));
        Reference.assertSameBits("with offsets, of " + layer, expected, apart(vector, layer, dw, v, g, 3));
        for (GradientKernels kernels : List.of(scalar, vector)) {
            Reference.assertSameBits("over ∇w and g, of " + layer, written(layer, expected, dw, g), inPlace(kernels, layer, dw, v, g, false));
            Reference.assertSameBits("over v and g, of " + layer, written(layer, expected, v, g), inPlace(kernels, layer, dw, v, g, true));
        }
    }

    /** With a shift, each array has another offset, and what lies around it must be neither read nor written. */
    private static float[] apart(GradientKernels kernels, WeightNorm layer, float[] dw, float[] v, float[] g, int shift) {
        float[] shiftedDw = shifted(dw, shift);
        float[] shiftedV = shifted(v, 2 * shift);
        float[] shiftedG = shifted(g, 3 * shift);
        float[] dv = new float[v.length + shift + 9];
        float[] dg = new float[g.length + 4 * shift + 9];
        Arrays.fill(dv, 77);
        Arrays.fill(dg, 77);
        Arrays.fill(dv, shift, shift + v.length, 0);
        Arrays.fill(dg, 4 * shift, 4 * shift + g.length, 0);
        kernels.apply(layer, shiftedDw, shift, shiftedV, 2 * shift, shiftedG, 3 * shift, dv, shift, dg, 4 * shift);
        Reference.assertSameBits("∇w", shifted(dw, shift), shiftedDw);
        Reference.assertSameBits("v", shifted(v, 2 * shift), shiftedV);
        Reference.assertSameBits("g", shifted(g, 3 * shift), shiftedG);
        untouched(dv, shift, v.length);
        untouched(dg, 4 * shift, g.length);
        float[] results = Arrays.copyOfRange(dv, shift, shift + v.length + g.length);
        System.arraycopy(dg, 4 * shift, results, v.length, g.length);
        return results;
    }

    private static void untouched(float[] array, int offset, int length) {
        for (int i = 0; i < array.length; i++) {
            if (i < offset || i >= offset + length) {
                assertEquals(77f, array[i], "written outside of the output");
            }
        }
    }

    private static float[] inPlace(GradientKernels kernels, WeightNorm layer, float[] dw, float[] v, float[] g, boolean overV) {
        float[] out = overV ? v.clone() : dw.clone();
        float[] gains = g.clone();
        kernels.apply(layer, overV ? dw : out, 0, overV ? out : v, 0, gains, 0, out, 0, gains, 0);
        float[] results = Arrays.copyOf(out, out.length + gains.length);
        System.arraycopy(gains, 0, results, out.length, gains.length);
        return results;
    }

    /** The results as they are in place: outside of the layer's range, what was there before. */
    private static float[] written(WeightNorm layer, float[] results, float[] before, float[] g) {
        float[] written = results.clone();
        int[] channels = Reference.channels(layer.shape(), layer.keptAxis());
        for (int i = 0; i < written.length; i++) {
            int channel = i < before.length ? channels[i] : i - before.length;
            if (channel < layer.fromChannel || channel >= layer.toChannel) {
                assertEquals(0f, written[i], "outside of the range");
                written[i] = i < before.length ? before[i] : g[i - before.length];
            }
        }
        return written;
    }

    private static float[] shifted(float[] array, int offset) {
        float[] shifted = new float[array.length + offset + 5];
        Arrays.fill(shifted, Float.NaN);
        System.arraycopy(array, 0, shifted, offset, array.length);
        return shifted;
    }
}
