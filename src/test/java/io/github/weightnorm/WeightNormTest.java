package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.weightnorm.properties.Reference;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each factory, kernel and setting does, on numbers worked out by hand. */
class WeightNormTest {

    private static final float[] V = {1, 2, 3, 4};

    private static int[] shape(String text) {
        return text.isBlank() ? new int[0] : Arrays.stream(text.trim().split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    @Test
    void keepsTheFirstAxis() {
        float[] w = new float[4];
        WeightNorm.linear(2, 2).reconstruct(V, new float[] {5, 6}, w);
        assertArrayEquals(new float[] {2.2360680f, 4.4721360f, 3.6f, 4.8f}, w, 5e-7f);
    }

    @Test
    void keepsTheLastAxis() {
        float[] w = new float[4];
        WeightNorm.of(new int[] {2, 2}, 1).reconstruct(V, new float[] {5, 6}, w);
        assertArrayEquals(new float[] {1.5811388f, 2.6832816f, 4.7434165f, 5.3665631f}, w, 5e-7f);
    }

    @Test
    void keepsNoAxis() {
        float[] w = new float[4];
        WeightNorm.whole(2, 2).reconstruct(V, new float[] {5}, w);
        float factor = (float) (5 / Math.sqrt(30));
        assertArrayEquals(new float[] {factor, 2 * factor, 3 * factor, 4 * factor}, w);
    }

    @Test
    void keepsAMiddleAxis() {
        float[] v = {3, 1, 2, 2, 4, 5, 6, 1};
        float[] norms = new float[2];
        WeightNorm.of(new int[] {2, 2, 2}, 1).norms(v, norms);
        assertArrayEquals(new float[] {(float) Math.sqrt(9 + 1 + 16 + 25), (float) Math.sqrt(4 + 4 + 36 + 1)}, norms);
    }

    @Test
    void namesTheLayersOfTorch() {
        assertEquals(WeightNorm.of(new int[] {4, 3}, 0), WeightNorm.linear(4, 3));
        assertEquals(WeightNorm.of(new int[] {4, 3, 5}, 0), WeightNorm.conv1d(4, 3, 5));
        assertEquals(WeightNorm.of(new int[] {4, 3, 5}, 0), WeightNorm.convTranspose1d(4, 3, 5));
        assertEquals(WeightNorm.of(new int[] {4, 3, 5}, 2), WeightNorm.of(new int[] {4, 3, 5}, -1));
        assertEquals(WeightNorm.of(new int[] {4, 3, 5}, 0), WeightNorm.of(new int[] {4, 3, 5}, -3));
    }

    @ParameterizedTest(name = "[{0}] with gains [{1}] keeps {2}")
    @CsvSource({
        "512 80 7, 512 1 1, 0",
        "768 48 128, 1 1 128, 2",
        "32 16 16, 1 16 1, 1",
        "10 24, '', -1",
        "10 24, 1, -1",
        "10 24, 1 1, -1",
        "1 32 7, 1 1 1, -1",
        "64 3 3, 64, 0",
        "1 5, 1 5, 1",
        "7, 7, 0",
        "7, 1, -1",
        "'', '', -1",
        "6 4 3 3, 6 1 1 1, 0",
    })
    void infersTheAxis(String direction, String gain, int keptAxis) {
        WeightNorm layer = WeightNorm.infer(shape(direction), shape(gain));
        assertEquals(keptAxis, layer.keptAxis());
        assertArrayEquals(shape(direction), layer.shape());
        assertEquals(Arrays.stream(shape(gain)).reduce(1, (a, b) -> a * b), layer.channelCount());
    }

    @ParameterizedTest(name = "[{0}], axis {1}: {2}, {3}, {4}")
    @CsvSource({
        "512 80 7, 0, 1, 512, 560",
        "32 16 16, 1, 32, 16, 16",
        "768 48 128, 2, 36864, 128, 1",
        "20 10, 1, 20, 10, 1",
        "20 10, -1, 1, 1, 200",
        "3 5 64, 2, 15, 64, 1",
        "1 32 7, 0, 1, 1, 224",
        "32 1 7, 1, 1, 1, 224",
        "5 6 1 1, 1, 5, 6, 1",
    })
    void seesEachTensorAsOuterChannelsInner(String shape, int axis, int outer, int channels, int inner) {
        assertEquals(new Layout(outer, channels, inner), Layout.of(shape(shape), axis));
    }

    @Test
    void scalesAreWhatMakesWeights() {
        float[] scales = new float[2];
        WeightNorm.linear(2, 2).scales(V, new float[] {5, 6}, scales);
        assertArrayEquals(new float[] {(float) (5 / Math.sqrt(5)), 6 / 5f}, scales);
    }

    @Test
    void gradients() {
        float[] identity = {1, 0, 0, 1};
        float[] vGradient = new float[4];
        float[] gGradient = new float[2];
        WeightNorm.linear(2, 2).gradients(identity, V, new float[] {5, 6}, vGradient, gGradient);
        assertArrayEquals(new float[] {1.7888544f, -0.8944272f, -0.576f, 0.432f}, vGradient, 2e-7f);
        assertArrayEquals(new float[] {0.4472136f, 0.8f}, gGradient);
        // By the last axis the matrix is its own transpose.
        float[] transposed = {1, 3, 2, 4};
        WeightNorm.of(new int[] {2, 2}, 1).gradients(identity, transposed, new float[] {5, 6}, vGradient, gGradient);
        assertArrayEquals(new float[] {1.7888544f, -0.576f, -0.8944272f, 0.432f}, vGradient, 2e-7f);
        assertArrayEquals(new float[] {0.4472136f, 0.8f}, gGradient);
    }

    /** {@code ‖v‖ = √(3·3 + 4·4 + 11) = 6}, {@code s = 12}: the gradients are {@code 2} and {@code 3/6·(∇w − 12/36·v)}. */
    @Test
    void gradientsWithAnEpsilon() {
        float[] vGradient = new float[2];
        float[] gGradient = new float[1];
        WeightNorm.linear(1, 2).epsilon(11).gradients(new float[] {4, 0}, new float[] {3, 4}, new float[] {3}, vGradient, gGradient);
        assertArrayEquals(new float[] {1.5f, -2 / 3f}, vGradient, 1e-7f);
        assertArrayEquals(new float[] {2}, gGradient);
    }

    @Test
    void decomposesIntoUnitLength() {
        float[] w = {3, 4, 0, 0, -5, 12};
        float[] g = new float[3];
        float[] v = new float[6];
        WeightNorm.linear(3, 2).decomposeUnit(w, g, v);
        assertArrayEquals(new float[] {5, 0, 13}, g);
        assertArrayEquals(new float[] {0.6f, 0.8f, 0, 0, -5 / 13f, 12 / 13f}, v, 6e-8f);
        float[] again = new float[6];
        WeightNorm.linear(3, 2).reconstruct(v, g, again);
        assertArrayEquals(w, again, 1e-6f);
        WeightNorm.linear(3, 2).decomposeUnit(w, g, w);
        assertArrayEquals(v, w);
        // With ε, g·v is w.
        WeightNorm.linear(1, 2).epsilon(11).decomposeUnit(new float[] {3, 4}, 0, g, 1, v, 2);
        assertEquals(6f, g[1]);
        assertArrayEquals(new float[] {0.5f, 4 / 6f}, Arrays.copyOfRange(v, 2, 4), 6e-8f);
    }

    @Test
    void decomposesAsTorchDoes() {
        float[] g = new float[2];
        float[] v = new float[4];
        WeightNorm.linear(2, 2).decompose(V, g, v);
        assertArrayEquals(new float[] {(float) Math.sqrt(5), 5}, g);
        assertArrayEquals(V, v);
    }

    @Test
    void worksInPlace() {
        WeightNorm layer = WeightNorm.of(new int[] {5, 7, 40}, 1);
        float[] v = new float[layer.size()];
        float[] g = new float[layer.channelCount()];
        for (int i = 0; i < v.length; i++) {
            v[i] = (i * 37 % 101 - 50) * 0.01f;
        }
        for (int c = 0; c < g.length; c++) {
            g[c] = c - 2.5f;
        }
        float[] w = new float[v.length];
        layer.reconstruct(v, g, w);
        float[] scales = new float[g.length];
        layer.scales(v, g, scales);
        float[] gains = g.clone();
        layer.scales(v, gains, gains);
        Reference.assertSameBits("scales", scales, gains);
        float[] norms = new float[g.length];
        float[] copy = v.clone();
        layer.decompose(copy, norms, copy);
        Reference.assertSameBits("v", v, copy);
        layer.reconstruct(v, g, v);
        Reference.assertSameBits("w", w, v);
    }

    @Test
    void anEpsilonGoesUnderTheRoot() {
        float[] norms = new float[2];
        WeightNorm.linear(2, 2).epsilon(4).norms(new float[] {0, 0, 3, 4}, norms);
        assertArrayEquals(new float[] {2, (float) Math.sqrt(29)}, norms);
    }

    @Test
    void aRangeLeavesTheOtherChannelsAlone() {
        for (int axis = 0; axis < 3; axis++) {
            WeightNorm layer = WeightNorm.of(new int[] {12, 11, 10}, axis);
            float[] v = new float[layer.size()];
            for (int i = 0; i < v.length; i++) {
                v[i] = i % 17 - 8.25f;
            }
            float[] g = new float[layer.channelCount()];
            for (int c = 0; c < g.length; c++) {
                g[c] = c + 1;
            }
            float[] all = new float[v.length];
            layer.reconstruct(v, g, all);
            float[] some = new float[v.length];
            Arrays.fill(some, -77);
            float[] copied = some.clone();
            float[] norms = new float[g.length];
            layer.range(3, 8).reconstruct(v, g, some);
            layer.range(1, 9).range(3, 8).decompose(v, norms, copied);
            int[] channels = Reference.channels(new int[] {12, 11, 10}, axis);
            for (int i = 0; i < v.length; i++) {
                boolean inside = channels[i] >= 3 && channels[i] < 8;
                assertEquals(inside ? all[i] : -77, some[i], "w " + i);
                assertEquals(inside ? v[i] : -77, copied[i], "v " + i);
            }
            for (int c = 0; c < g.length; c++) {
                assertEquals(c >= 3 && c < 8, norms[c] > 0, "norm " + c);
            }
        }
    }

    @Test
    void rangesCoverALayerWithTheSameBits() {
        WeightNorm layer = WeightNorm.of(new int[] {3, 300}, 1);
        float[] v = new float[layer.size()];
        Arrays.fill(v, 0.1f);
        v[5] = 3;
        float[] norms = new float[300];
        float[] pieces = new float[300];
        layer.norms(v, norms);
        for (int from = 0; from < 300; from += 7) {
            layer.range(from, Math.min(300, from + 7)).norms(v, pieces);
        }
        Reference.assertSameBits("norms", norms, pieces);
    }

    @Test
    void isAValue() {
        WeightNorm layer = WeightNorm.conv1d(4, 3, 5);
        assertEquals(layer, WeightNorm.conv1d(4, 3, 5));
        assertEquals(layer.hashCode(), WeightNorm.conv1d(4, 3, 5).hashCode());
        assertNotEquals(layer, WeightNorm.conv1d(4, 5, 3));
        assertNotEquals(layer, layer.epsilon(1e-12));
        assertNotEquals(layer, layer.range(0, 3));
        assertEquals("WeightNorm[shape=[4, 3, 5], keptAxis=0]", layer.toString());
        assertEquals("WeightNorm[shape=[4, 3], keptAxis=none, epsilon=1.0E-12]", WeightNorm.whole(4, 3).epsilon(1e-12).toString());
        assertEquals("WeightNorm[shape=[4, 3, 5], keptAxis=0, range=1..2]", layer.range(1, 2).toString());
        layer.shape()[0] = 99;
        assertEquals(4, layer.shape()[0]);
        assertEquals(4, layer.channelCount());
        assertEquals(60, layer.range(1, 2).size());
    }
}
