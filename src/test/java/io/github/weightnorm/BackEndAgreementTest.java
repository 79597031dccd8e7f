package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.weightnorm.Kernels.Output;
import io.github.weightnorm.properties.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scalar and the vector back end agree in every bit. */
class BackEndAgreementTest {

    private final Kernels scalar = new ScalarKernels();
    private Kernels vector;

    static List<WeightNorm> layers() {
        List<WeightNorm> layers = new ArrayList<>(Samples.layers());
        layers.addAll(Samples.manyChannels());
        return layers;
    }

    @BeforeEach
    void loadTheVectorBackEnd() {
        vector = Backend.choose("vector", Machine.current(), VectorKernels::new).kernels();
        assumeTrue(vector != null, "this JVM runs without the vector module");
    }

    @ParameterizedTest
    @MethodSource("layers")
    void onOrdinaryNumbers(WeightNorm layer) {
        agree(layer, Samples.floats(layer.size(), 1, 3), Samples.floats(layer.channelCount(), 2, 3));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void onNumbersOfEveryMagnitude(WeightNorm layer) {
        agree(layer, Samples.floats(layer.size(), 3, 127), Samples.floats(layer.channelCount(), 4, 127));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void onSpecialValues(WeightNorm layer) {
        agree(layer, Samples.specials(layer.size(), 5), Samples.specials(layer.channelCount(), 6));
        agree(layer, new float[layer.size()], Samples.specials(layer.channelCount(), 7));
    }

    @Test
    void inRanges() {
        for (WeightNorm layer : layers()) {
            int channels = layer.channelCount();
            WeightNorm middle = layer.range(channels / 3, channels - channels / 4);
            agree(middle, Samples.floats(layer.size(), 10, 9), Samples.floats(channels, 11, 9));
        }
    }

    /** Products keep to the cache lines of an array that is large: a row then begins at any place of a line, and ends at any. */
    @Test
    void inLargeArrays() {
        float[] v = Samples.floats(1 << 19, 12, 9);
        float[] g = Samples.floats(4, 13, 9);
        for (int length : new int[] {9, 16, 17, 24, 31, 32, 33, 40, 47, 48, 49, 56, 63, 64, 65, 76, 80, 90, 96, 111, 128, 500, 768}) {
            WeightNorm layer = WeightNorm.linear(4, length);
            for (int offset = 0; offset <= 16; offset++) {
                float[] part = Arrays.copyOfRange(v, offset, offset + layer.size());
                float[] expected = apply(scalar, Output.WEIGHT, layer, part, 0, g, 0, layer.size(), 0);
                float[] inPlace = v.clone();
                vector.apply(Output.WEIGHT, layer, inPlace, offset, g, 0, inPlace, offset);
                float[] apart = new float[layer.size() + 40];
                vector.apply(Output.WEIGHT, layer, v, offset, g, 0, apart, 20);
                String what = layer + " at " + offset;
                Reference.assertSameBits("apart, " + what, expected, Arrays.copyOfRange(apart, 20, 20 + layer.size()));
                Reference.assertSameBits("in place, " + what, expected, Arrays.copyOfRange(inPlace, offset, offset + layer.size()));
                assertEquals(-1, Arrays.mismatch(v, 0, offset, inPlace, 0, offset), "before it, " + what);
                int end = offset + layer.size();
                assertEquals(-1, Arrays.mismatch(v, end, v.length, inPlace, end, v.length), "behind it, " + what);
                assertEquals(-1, Arrays.mismatch(new float[20], 0, 20, apart, 0, 20), "before w, " + what);
                assertEquals(-1, Arrays.mismatch(new float[20], 0, 20, apart, 20 + layer.size(), apart.length), "behind w, " + what);
            }
        }
    }

    private void agree(WeightNorm layer, float[] v, float[] g) {
        for (Output output : Output.values()) {
            int size = output == Output.WEIGHT ? layer.size() : layer.channelCount();
            float[] expected = apply(scalar, output, layer, v, 0, g, 0, size, 0);
            String what = output + " of " + layer;
            Reference.assertSameBits(what, expected, apply(vector, output, layer, v, 0, g, 0, size, 0));
            Reference.assertSameBits(what + " with offsets", expected, apply(vector, output, layer, v, 3, g, 5, size, 1));
            float[] direct = apply(scalar, output, layer, v, 0, null, 0, size, 0);
            Reference.assertSameBits(what + " without gains", direct, apply(vector, output, layer, v, 1, null, 0, size, 2));
        }
        float[] expected = apply(scalar, Output.WEIGHT, layer, v, 0, g, 0, layer.size(), 0);
        for (Kernels kernels : List.of(scalar, vector)) {
            float[] inPlace = v.clone();
            kernels.apply(Output.WEIGHT, layer, inPlace, 0, g, 0, inPlace, 0);
            float[] outside = expected.clone();
            restore(layer, v, outside);
            Reference.assertSameBits("in place, " + layer, outside, inPlace);
        }
    }

    /** What lies outside of a range stays v in place, and stays 0 in a new array. */
    private static void restore(WeightNorm layer, float[] v, float[] w) {
        int[] channels = Reference.channels(layer.shape(), layer.keptAxis());
        for (int i = 0; i < w.length; i++) {
            if (channels[i] < layer.fromChannel || channels[i] >= layer.toChannel) {
                assertEquals(0f, w[i]);
                w[i] = v[i];
            }
        }
    }

    private static float[] apply(Kernels kernels, Output output, WeightNorm layer, float[] v, int vOffset, float[] g, int gOffset,
            int outSize, int outOffset) {
        float[] shiftedV = shifted(v, vOffset);
        float[] shiftedG = g == null ? null : shifted(g, gOffset);
        float[] out = new float[outSize + outOffset + 7];
        Arrays.fill(out, 0, outOffset, 123);
        Arrays.fill(out, outOffset + outSize, out.length, 123);
        kernels.apply(output, layer, shiftedV, vOffset, shiftedG, gOffset, out, outOffset);
        for (int i = 0; i < out.length; i++) {
            if (i < outOffset || i >= outOffset + outSize) {
                assertEquals(123f, out[i], "written outside of the output");
            }
        }
        Reference.assertSameBits("the input", v, Arrays.copyOfRange(shiftedV, vOffset, vOffset + v.length));
        return Arrays.copyOfRange(out, outOffset, outOffset + outSize);
    }

    private static float[] shifted(float[] array, int offset) {
        float[] shifted = new float[array.length + offset + 5];
        Arrays.fill(shifted, Float.NaN);
        System.arraycopy(array, 0, shifted, offset, array.length);
        return shifted;
    }
}
