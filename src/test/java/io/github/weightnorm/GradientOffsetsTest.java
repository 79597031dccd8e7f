package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.weightnorm.properties.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients are the same wherever their arrays begin, in place and apart, and of a range alone; and nothing beside them is written. */
class GradientOffsetsTest {

    private static final int BEHIND = 6;
    private static final float UNTOUCHED = 123;

    static List<WeightNorm> layers() {
        List<WeightNorm> layers = new ArrayList<>(Samples.layers());
        layers.addAll(Samples.manyChannels());
        return layers;
    }

    @ParameterizedTest
    @MethodSource("layers")
    void doNotDependOnOffsets(WeightNorm layer) {
        int channels = layer.channelCount();
        agree(layer, Samples.floats(layer.size(), 1, 3), Samples.floats(layer.size(), 2, 3), Samples.floats(channels, 3, 3));
        agree(layer, Samples.specials(layer.size(), 4), Samples.specials(layer.size(), 5), Samples.specials(channels, 6));
        agree(layer, Samples.floats(layer.size(), 7, 3), new float[layer.size()], Samples.floats(channels, 8, 3));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void areThoseOfARangeAlone(WeightNorm layer) {
        int channels = layer.channelCount();
        int from = channels / 3;
        int to = channels - channels / 4;
        float[] dw = Samples.floats(layer.size(), 1, 3);
        float[] v = Samples.floats(layer.size(), 2, 3);
        float[] g = Samples.floats(channels, 3, 3);
        float[] dv = new float[dw.length];
        float[] dg = new float[channels];
        layer.gradients(dw, v, g, dv, dg);
        float[] partDv = new float[dw.length];
        float[] partDg = new float[channels];
        layer.range(from, to).gradients(dw, v, g, partDv, partDg);
        int[] channelOf = Reference.channels(layer.shape(), layer.keptAxis());
        for (int i = 0; i < dv.length; i++) {
            if (channelOf[i] < from || channelOf[i] >= to) {
                dv[i] = 0;
            }
        }
        Arrays.fill(dg, 0, from, 0);
        Arrays.fill(dg, to, channels, 0);
        Reference.assertSameBits("∇v of a range of " + layer, dv, partDv);
        Reference.assertSameBits("∇g of a range of " + layer, dg, partDg);
    }

    /** In double, where a float would hide a difference in the order. */
    @Test
    void sumsOfProductsHaveTheCanonicalOrder() {
        for (int length = 1; length <= 140; length++) {
            float[] v = Samples.floats(3 * length, length, 6);
            assertEquals(new ScalarKernels().sumOfSquares(v, 0, 1, 0, 3 * length), ScalarGradients.sumOfProducts(v, 0, v, 0, 1, 0, 3 * length));
            assertEquals(new ScalarKernels().sumOfSquares(v, 0, 3, length, length), ScalarGradients.sumOfProducts(v, 0, v, 0, 3, length, length));
        }
    }

    private static void agree(WeightNorm layer, float[] dw, float[] v, float[] g) {
        float[] dv = new float[dw.length];
        float[] dg = new float[g.length];
        layer.gradients(dw, v, g, dv, dg);

        float[] shiftedDv = shifted(new float[dv.length], 5);
        float[] shiftedDg = shifted(new float[dg.length], 4);
        layer.gradients(shifted(dw, 1), 1, shifted(v, 2), 2, shifted(g, 3), 3, shiftedDv, 5, shiftedDg, 4);
        assertShifted("∇v of " + layer, dv, shiftedDv, 5);
        assertShifted("∇g of " + layer, dg, shiftedDg, 4);

        float[] inPlace = shifted(dw, 3);
        layer.gradients(inPlace, 3, shifted(v, 2), 2, shifted(g, 1), 1, inPlace, 3, shiftedDg, 4);
        assertShifted("∇v over ∇w of " + layer, dv, inPlace, 3);
        float[] overV = shifted(v, 3);
        layer.gradients(shifted(dw, 2), 2, overV, 3, shifted(g, 1), 1, overV, 3, shiftedDg, 4);
        assertShifted("∇v over v of " + layer, dv, overV, 3);
    }

    private static float[] shifted(float[] array, int offset) {
        float[] shifted = new float[offset + array.length + BEHIND];
        Arrays.fill(shifted, UNTOUCHED);
        System.arraycopy(array, 0, shifted, offset, array.length);
        return shifted;
    }

    private static void assertShifted(String what, float[] expected, float[] shifted, int offset) {
        Reference.assertSameBits(what, expected, Arrays.copyOfRange(shifted, offset, offset + expected.length));
        for (int i = 0; i < shifted.length; i++) {
            if (i < offset || i >= offset + expected.length) {
                assertEquals(UNTOUCHED, shifted[i], what + ": written outside");
            }
        }
    }
}
