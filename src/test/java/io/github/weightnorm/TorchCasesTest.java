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

            double[] torchWeights = toDouble(file.floats(name + ".w"));
            assertClose("w", torchWeights, w, channels, largest(torchWeights, channels, g.length), 1e-6);
            int[] each = Reference.channels(new int[] {g.length}, 0);
            assertClose("norm", toDouble(file.floats(name + ".norm")), norms, each, torchNorms, 1e-6);

            float[] again = new float[w.length];
            inferred.reconstruct(v, g, again);
            Reference.assertSameBits("w through infer", w, again);
            assertEquals(g.length, inferred.channelCount());
        }
    }

    /**
     * Of torch's float32, ∇v is within 2e-6 of the largest magnitude of its row, and of float64 within 3e-7; where its two parts all but
     * cancel, of the largest {@code g/‖v‖·∇w} of the row. ∇g of float32 is within 2e-6 of the largest one of the weight, since torch
     * sums in float; of float64 it is the nearest float but for near ties.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTorchsGradients(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path(FILE))) {
            int[] shape = Fixtures.shape(file, name + ".v");
            WeightNorm layer = WeightNorm.infer(shape, Fixtures.shape(file, name + ".g"));
            float[] v = file.floats(name + ".v");
            float[] g = file.floats(name + ".g");
            float[] weightGradient = file.floats(name + ".grad_w");
            float[] vGradient = new float[v.length];
            float[] gGradient = new float[g.length];
            layer.gradients(weightGradient, v, g, vGradient, gGradient);

            int[] channels = Reference.channels(shape, layer.keptAxis());
            double[] torch = Fixtures.doubles(file, name + ".grad_v_f64");
            double[] norms = Fixtures.doubles(file, name + ".norm_f64");
            double[] magnitudes = new double[g.length];
            for (int i = 0; i < v.length; i++) {
                int c = channels[i];
                magnitudes[c] = Math.max(magnitudes[c], Math.max(Math.abs(torch[i]), Math.abs(g[c] / norms[c] * weightGradient[i])));
            }
            assertClose("∇v", torch, vGradient, channels, magnitudes, 3e-7);
            assertClose("∇v", toDouble(file.floats(name + ".grad_v")), vGradient, channels, magnitudes, 2e-6);
            Reference.assertWithinUlp("∇g", Fixtures.doubles(file, name + ".grad_g_f64"), gGradient, 0.501);
            double[] torchGains = toDouble(file.floats(name + ".grad_g"));
            int[] all = new int[g.length];
            assertClose("∇g", torchGains, gGradient, all, largest(torchGains, all, 1), 2e-6);
        }
    }

    private static double[] toDouble(float[] floats) {
        double[] doubles = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            doubles[i] = floats[i];
        }
        return doubles;
    }

    private static double[] largest(double[] values, int[] channels, int channelCount) {
        double[] largest = new double[channelCount];
        for (int i = 0; i < values.length; i++) {
            largest[channels[i]] = Math.max(largest[channels[i]], Math.abs(values[i]));
        }
        return largest;
    }

    private static void assertClose(String what, double[] torch, float[] ours, int[] channels, double[] magnitudes, double bound) {
        for (int i = 0; i < torch.length; i++) {
            double error = Math.abs(torch[i] - ours[i]);
            assertTrue(error <= bound * magnitudes[channels[i]], what + "[" + i + "]: " + ours[i] + ", torch has " + torch[i]);
        }
    }
}
