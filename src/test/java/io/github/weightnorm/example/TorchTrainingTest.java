package io.github.weightnorm.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.Fixtures;
import io.github.weightnorm.Optimizer;
import io.github.weightnorm.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The example layers do what PyTorch's do with weight_norm: {@code generate_training.py} wrote down what that was. */
class TorchTrainingTest {

    private static final String FILE = "training.safetensors";
    private static final double TOLERANCE = 1e-4;

    /** Two layers learn a regression in 100 steps, and every loss on the way is PyTorch's, and so are the parameters in the end. */
    @Test
    void aNetworkLearnsAsInTorch() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path(FILE))) {
            float[] x = file.floats("x");
            float[] y = file.floats("y");
            float[] losses = file.floats("losses");
            Linear first = new Linear(16, 8, file.floats("first.weight"), file.floats("first.bias"));
            Linear second = new Linear(1, 16, file.floats("second.weight"), file.floats("second.bias"));
            Optimizer optimizer = Optimizer.sgd(Float.parseFloat(file.metadata().get("rate")));
            assertEquals(101, losses.length);
            for (int step = 0; step < losses.length; step++) {
                Regression regression = new Regression(first, second, x, y);
                assertEquals(losses[step], regression.loss(), TOLERANCE, "loss at step " + step);
                if (step < losses.length - 1) {
                    regression.step(optimizer);
                }
            }
            assertTrue(losses[100] < losses[0] / 10);
            assertParameters(file, "first", first);
            assertParameters(file, "second", second);
        }
    }

    private static void assertParameters(SafetensorsFile file, String name, Linear layer) throws IOException {
        assertClose(name + ".g", file.floats(name + ".final_g"), layer.weight.g(), TOLERANCE);
        assertClose(name + ".v", file.floats(name + ".final_v"), layer.weight.v(), TOLERANCE);
        assertClose(name + ".bias", file.floats(name + ".final_bias"), layer.bias, TOLERANCE);
    }

    static List<String> convolutions() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path(FILE))) {
            return List.of(file.metadata().get("convolutions").split(","));
        }
    }

    /** Outputs and gradients of convolutions, all of float32 on either side. */
    @ParameterizedTest
    @MethodSource("convolutions")
    void aConvolutionHasTorchsGradients(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path(FILE))) {
            int[] n = Arrays.stream(file.metadata().get(name + ".geometry").split(",")).mapToInt(Integer::parseInt).toArray();
            Conv1d.Geometry geometry = new Conv1d.Geometry(n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
            float[] v = file.floats(name + ".v");
            float[] g = file.floats(name + ".g");
            float[] bias = file.floats(name + ".bias");
            Conv1d conv = new Conv1d(geometry, v, g, bias.clone());
            assertClose("y", file.floats(name + ".y"), conv.forward(file.floats(name + ".x"), 3), 5e-6);
            assertClose("∇x", file.floats(name + ".grad_x"), conv.backward(file.floats(name + ".grad_y")), 5e-6);
            // A step of rate 1 shows the gradients.
            conv.step(Optimizer.sgd(1));
            assertClose("∇v", file.floats(name + ".grad_v"), minus(v, conv.weight.v()), 5e-6);
            assertClose("∇g", file.floats(name + ".grad_g"), minus(g, conv.weight.g()), 5e-6);
            assertClose("∇b", file.floats(name + ".grad_bias"), minus(bias, conv.bias), 5e-6);
        }
    }

    private static float[] minus(float[] before, float[] after) {
        float[] difference = new float[before.length];
        for (int i = 0; i < before.length; i++) {
            difference[i] = before[i] - after[i];
        }
        return difference;
    }

    /** Within so much of the largest magnitude, and of 1. */
    private static void assertClose(String what, float[] torch, float[] ours, double tolerance) {
        assertEquals(torch.length, ours.length, what);
        double largest = 1;
        for (float value : torch) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < torch.length; i++) {
            assertEquals(torch[i], ours[i], tolerance * largest, what + "[" + i + "]");
        }
    }
}
