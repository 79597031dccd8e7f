package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Each kernel makes each of its checks: of 3 channels with 2 elements each, in the whole array or in parts of one. */
class EveryKernelChecksTest {

    private static final WeightNorm LAYER = WeightNorm.linear(3, 2);

    private static float[] of(int length) {
        return new float[length];
    }

    @Test
    void lengths() {
        for (int wrong : new int[] {-1, 1}) {
            refused("v.length", () -> LAYER.norms(of(6 + wrong), of(3)));
            refused("norms.length", () -> LAYER.norms(of(6), of(3 + wrong)));
            refused("v.length", () -> LAYER.scales(of(6 + wrong), of(3), of(3)));
            refused("g.length", () -> LAYER.scales(of(6), of(3 + wrong), of(3)));
            refused("scales.length", () -> LAYER.scales(of(6), of(3), of(3 + wrong)));
            refused("v.length", () -> LAYER.directions(of(6 + wrong), of(6)));
            refused("directions.length", () -> LAYER.directions(of(6), of(6 + wrong)));
            refused("v.length", () -> LAYER.reconstruct(of(6 + wrong), of(3), of(6)));
            refused("g.length", () -> LAYER.reconstruct(of(6), of(3 + wrong), of(6)));
            refused("w.length", () -> LAYER.reconstruct(of(6), of(3), of(6 + wrong)));
            refused("w.length", () -> LAYER.decompose(of(6 + wrong), of(3), of(6)));
            refused("g.length", () -> LAYER.decompose(of(6), of(3 + wrong), of(6)));
            refused("v.length", () -> LAYER.decompose(of(6), of(3), of(6 + wrong)));
            refused("w.length", () -> LAYER.decomposeUnit(of(6 + wrong), of(3), of(6)));
            refused("g.length", () -> LAYER.decomposeUnit(of(6), of(3 + wrong), of(6)));
            refused("v.length", () -> LAYER.decomposeUnit(of(6), of(3), of(6 + wrong)));
            refused("weightGradient.length", () -> LAYER.gradients(of(6 + wrong), of(6), of(3), of(6), of(3)));
            refused("v.length", () -> LAYER.gradients(of(6), of(6 + wrong), of(3), of(6), of(3)));
            refused("g.length", () -> LAYER.gradients(of(6), of(6), of(3 + wrong), of(6), of(3)));
            refused("vGradient.length", () -> LAYER.gradients(of(6), of(6), of(3), of(6 + wrong), of(3)));
            refused("gGradient.length", () -> LAYER.gradients(of(6), of(6), of(3), of(6), of(3 + wrong)));
        }
    }

    @Test
    void offsets() {
        float[] a = of(6);
        float[] c = of(3);
        for (int wrong : new int[] {-1, 1}) {
            outside("vOffset", () -> LAYER.norms(a, wrong, c, 0));
            outside("normsOffset", () -> LAYER.norms(a, 0, c, wrong));
            outside("vOffset", () -> LAYER.scales(a, wrong, c, 0, of(3), 0));
            outside("gOffset", () -> LAYER.scales(a, 0, c, wrong, of(3), 0));
            outside("scalesOffset", () -> LAYER.scales(a, 0, c, 0, of(3), wrong));
            outside("vOffset", () -> LAYER.directions(a, wrong, of(6), 0));
            outside("directionsOffset", () -> LAYER.directions(a, 0, of(6), wrong));
            outside("vOffset", () -> LAYER.reconstruct(a, wrong, c, 0, of(6), 0));
            outside("gOffset", () -> LAYER.reconstruct(a, 0, c, wrong, of(6), 0));
            outside("wOffset", () -> LAYER.reconstruct(a, 0, c, 0, of(6), wrong));
            outside("wOffset", () -> LAYER.decompose(a, wrong, c, 0, of(6), 0));
            outside("gOffset", () -> LAYER.decompose(a, 0, c, wrong, of(6), 0));
            outside("vOffset", () -> LAYER.decompose(a, 0, c, 0, of(6), wrong));
            outside("wOffset", () -> LAYER.decomposeUnit(a, wrong, c, 0, of(6), 0));
            outside("gOffset", () -> LAYER.decomposeUnit(a, 0, c, wrong, of(6), 0));
            outside("vOffset", () -> LAYER.decomposeUnit(a, 0, c, 0, of(6), wrong));
            outside("weightGradientOffset", () -> LAYER.gradients(a, wrong, of(6), 0, c, 0, of(6), 0, of(3), 0));
            outside("vOffset", () -> LAYER.gradients(a, 0, of(6), wrong, c, 0, of(6), 0, of(3), 0));
            outside("gOffset", () -> LAYER.gradients(a, 0, of(6), 0, c, wrong, of(6), 0, of(3), 0));
            outside("vGradientOffset", () -> LAYER.gradients(a, 0, of(6), 0, c, 0, of(6), wrong, of(3), 0));
            outside("gGradientOffset", () -> LAYER.gradients(a, 0, of(6), 0, c, 0, of(6), 0, of(3), wrong));
        }
        String message = assertThrows(IndexOutOfBoundsException.class, () -> LAYER.norms(a, 1, c, 0)).getMessage();
        assertTrue(message.contains("(expected: 0 to 0, for 6 elements"), message);
    }

    @Test
    void overlaps() {
        float[] all = of(40);
        float[] c = of(3);
        // Output and input share their last or first element only; one further, and they share none.
        shared(at -> LAYER.norms(all, 10, all, at), 8, 15);
        shared(at -> LAYER.scales(all, 10, c, 0, all, at), 8, 15);
        shared(at -> LAYER.scales(of(6), 0, all, 10, all, at), 8, 12);
        shared(at -> LAYER.directions(all, 10, all, at), 5, 15);
        shared(at -> LAYER.reconstruct(all, 10, c, 0, all, at), 5, 15);
        shared(at -> LAYER.reconstruct(of(6), 0, all, 10, all, at), 5, 12);
        shared(at -> LAYER.decompose(all, 10, all, at, of(6), 0), 8, 15);
        shared(at -> LAYER.decompose(of(6), 0, all, at, all, 10), 8, 15);
        shared(at -> LAYER.decompose(all, 10, c, 0, all, at), 5, 15);
        shared(at -> LAYER.decomposeUnit(all, 10, all, at, of(6), 0), 8, 15);
        shared(at -> LAYER.decomposeUnit(of(6), 0, all, at, all, 10), 8, 15);
        shared(at -> LAYER.decomposeUnit(all, 10, c, 0, all, at), 5, 15);
        shared(at -> LAYER.gradients(all, 10, of(6), 0, c, 0, all, at, of(3), 0), 5, 15);
        shared(at -> LAYER.gradients(of(6), 0, all, 10, c, 0, all, at, of(3), 0), 5, 15);
        shared(at -> LAYER.gradients(of(6), 0, of(6), 0, all, 10, all, at, of(3), 0), 5, 12);
        shared(at -> LAYER.gradients(all, 10, of(6), 0, c, 0, of(6), 0, all, at), 8, 15);
        shared(at -> LAYER.gradients(of(6), 0, all, 10, c, 0, of(6), 0, all, at), 8, 15);
        shared(at -> LAYER.gradients(of(6), 0, of(6), 0, all, 10, of(6), 0, all, at), 8, 12);
        shared(at -> LAYER.gradients(of(6), 0, of(6), 0, c, 0, all, 10, all, at), 8, 15);
        assertDoesNotThrow(() -> LAYER.gradients(all, 10, of(6), 0, c, 0, all, 10, c, 0));
        assertDoesNotThrow(() -> LAYER.gradients(of(6), 0, all, 10, c, 0, all, 10, c, 0));
        assertDoesNotThrow(() -> LAYER.decomposeUnit(all, 10, c, 0, all, 10));
        assertDoesNotThrow(() -> LAYER.decompose(all, 10, c, 0, all, 10));
        assertDoesNotThrow(() -> LAYER.scales(of(6), 0, all, 10, all, 10));
    }

    private interface At {
        void call(int offset);
    }

    private static void shared(At kernel, int first, int last) {
        assertThrows(IllegalArgumentException.class, () -> kernel.call(first));
        assertThrows(IllegalArgumentException.class, () -> kernel.call(last));
        assertDoesNotThrow(() -> kernel.call(first - 1));
        assertDoesNotThrow(() -> kernel.call(last + 1));
    }

    private static void refused(String argument, Executable call) {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.startsWith(argument + ":"), message);
    }

    private static void outside(String argument, Executable call) {
        String message = assertThrows(IndexOutOfBoundsException.class, call).getMessage();
        assertTrue(message.startsWith(argument + ":"), message);
    }

    @Test
    void anEpsilonOfZeroIsAllowed() {
        assertEquals(LAYER, LAYER.epsilon(0.5).epsilon(0));
    }

    @Test
    void theBackEndHasAName() {
        assertTrue(WeightNorm.backend().matches("scalar|vector \\d+-bit"), WeightNorm.backend());
    }

    @Test
    void hashCodesTellLayersApart() {
        Set<Integer> hashes = new HashSet<>();
        int layers = 0;
        for (int n = 1; n <= 8; n++) {
            for (WeightNorm layer : new WeightNorm[] {WeightNorm.linear(n, 8), WeightNorm.linear(8, 20 + n), WeightNorm.whole(n, 8),
                WeightNorm.of(new int[] {n, 8}, 1), WeightNorm.linear(9, 9).epsilon(n), WeightNorm.linear(10, 9).range(0, n),
                WeightNorm.linear(11, 9).range(n, 11)}) {
                hashes.add(layer.hashCode());
                layers++;
            }
        }
        assertEquals(layers, hashes.size());
    }
}
