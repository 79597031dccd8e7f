package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.weightnorm.checkpoint.CheckpointFolder;
import io.github.weightnorm.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the javadoc's overview, which shows what stands between the markers ({@link DocumentationTest}). */
class OverviewExamplesTest {

    @Test
    void fold() {
        float[] v = Samples.floats(512 * 80 * 7, 1, 5);
        float[] g = Samples.floats(512, 2, 5);
        // <overview-fold>
        WeightNorm layer = WeightNorm.conv1d(512, 80, 7);   // HiFi-GAN's conv_pre, [512, 80, 7]
        float[] w = new float[layer.size()];
        layer.reconstruct(v, g, w);                         // w = g·v/‖v‖
        // </overview-fold>
        float[] expected = new float[w.length];
        WeightNorm.linear(512, 560).reconstruct(v, g, expected);
        assertArrayEquals(expected, w);
    }

    @Test
    void threads() {
        WeightNorm layer = WeightNorm.linear(1024, 768);
        float[] v = Samples.floats(layer.size(), 1, 5);
        float[] g = Samples.floats(layer.channelCount(), 2, 5);
        float[] w = new float[v.length];
        // <overview-threads>
        int part = layer.channelCount() / 4;
        IntStream.range(0, 4).parallel().forEach(i ->
                layer.range(i * part, (i + 1) * part).reconstruct(v, g, w));   // the same bits as from one call
        // </overview-threads>
        float[] expected = new float[w.length];
        layer.reconstruct(v, g, expected);
        assertArrayEquals(expected, w);
    }

    @Test
    void scales() {
        int out = 20;
        int in = 30;
        float[] v = Samples.floats(out * in, 1, 5);
        float[] g = Samples.floats(out, 2, 5);
        float[] x = Samples.floats(in, 3, 5);
        float[] y = new float[out];
        // <overview-scales>
        float[] scales = new float[out];
        WeightNorm.linear(out, in).scales(v, g, scales);    // g/‖v‖, once
        for (int o = 0; o < out; o++) {
            float sum = 0;
            for (int i = 0; i < in; i++) {
                sum += v[o * in + i] * x[i];                // the product runs over v: w is never made
            }
            y[o] = scales[o] * sum;
        }
        // </overview-scales>
        float[] w = new float[v.length];
        WeightNorm.linear(out, in).reconstruct(v, g, w);
        for (int o = 0; o < out; o++) {
            double exact = 0;
            double magnitude = 0;
            for (int i = 0; i < in; i++) {
                exact += (double) w[o * in + i] * x[i];
                magnitude += Math.abs((double) w[o * in + i] * x[i]);
            }
            assertEquals(exact, y[o], 1e-5 * magnitude);
        }
    }

    @Test
    void checkpoint(@TempDir Path directory) throws IOException {
        Path path = Fixtures.path("codec.legacy.safetensors");
        float[] w;
        // <overview-checkpoint>
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            WeightNorm layer = WeightNorm.infer(new int[] {48, 24, 16}, new int[] {48, 1, 1});   // the axis from the shapes
            w = file.floats("up.weight_v");
            layer.reconstruct(w, file.floats("up.weight_g"), w);                                 // in place
        }
        // </overview-checkpoint>
        Path folded = directory.resolve("folded");
        CheckpointFolder.defaults().fold(path, folded);
        try (SafetensorsFile file = SafetensorsFile.open(folded)) {
            assertArrayEquals(file.floats("up.weight"), w);
        }
    }
}
