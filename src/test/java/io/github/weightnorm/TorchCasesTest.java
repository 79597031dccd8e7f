package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.checkpoint.SafetensorsFile;
import io.github.weightnorm.properties.Reference;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every case that PyTorch's own {@code _weight_norm} computed, in float32 and in float64. */
class TorchCasesTest {

    private static final String FILE = "weight_norm_cases.safetensors";

    static List<String> cases() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path(FILE))) {
            return List.of(file.metadata().get("cases").split(","));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTorch(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path(FILE))) {
            int[] shape = Fixtures.shape(file, name + ".v");
            String dim = file.metadata().get(name + ".dim");
            int axis = dim.equals("none") ? -1 : Integer.parseInt(dim);
            WeightNorm layer = axis < 0 ? WeightNorm.whole(shape) : WeightNorm.of(shape, axis);
            WeightNorm inferred = WeightNorm.infer(shape, Fixtures.shape(file, name + ".g"));

            float[] v = file.floats(name + ".v");
            float[] g = file.floats(name + ".g");
            float[] w = new float[layer.size()];
            float[] norms = new float[layer.channelCount()];
            float[] scales = new float[layer.channelCount()];
            float[] directions = new float[layer.size()];
            layer.reconstruct(v, g, w);
            layer.norms(v, norms);
            layer.scales(v, g, scales);
            layer.directions(v, directions);

            int[] channels = Reference.channels(shape, axis);
            double[] torchNorms = Fixtures.doubles(file, name + ".norm_f64");
            Reference.assertWithinUlp("norm", torchNorms, norms, 0.501);
            Reference.assertWithinUlp("w", Fixtures.doubles(file, name + ".w_f64"), w, 1.5);
            double[] trueScales = new double[g.length];
            for (int c = 0; c < g.length; c++) {
                trueScales[c] = g[c] / torchNorms[c];
            }
            Reference.assertWithinUlp("scale", trueScales, scales, 0.501);
            float[] ones = new float[g.length];
            Arrays.fill(ones, 1);
            Reference.assertWithinUlp("direction", Reference.weights(v, ones, torchNorms, channels), directions, 1.5);

            assertCloseToFloat32("w", file.floats(name + ".w"), w, channels, g.length);
            assertCloseToFloat32("norm", file.floats(name + ".norm"), norms, Reference.channels(new int[] {g.length}, 0), g.length);

            float[] again = new float[w.length];
            inferred.reconstruct(v, g, again);
            Reference.assertSameBits("w through infer", w, again);
            assertEquals(g.length, inferred.channelCount());
        }
    }

    private static void assertCloseToFloat32(String what, float[] torch, float[] ours, int[] channels, int channelCount) {
        float[] largest = new float[channelCount];
        for (int i = 0; i < torch.length; i++) {
            largest[channels[i]] = Math.max(largest[channels[i]], Math.abs(torch[i]));
        }
        for (int i = 0; i < torch.length; i++) {
            double error = Math.abs((double) torch[i] - ours[i]) / largest[channels[i]];
            assertTrue(error < 1e-6, what + "[" + i + "]: " + ours[i] + ", torch has " + torch[i]);
        }
    }
}
