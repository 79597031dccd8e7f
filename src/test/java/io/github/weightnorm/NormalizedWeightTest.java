package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A weight that is wrapped, trained and folded. */
class NormalizedWeightTest {

    private static final WeightNorm LAYER = WeightNorm.linear(3, 5);

    @Test
    void wrappingLeavesTheWeightAsItIs() {
        float[] w = Samples.floats(15, 1, 3);
        NormalizedWeight wrapped = NormalizedWeight.wrap(LAYER, w);
        assertArrayEquals(w, wrapped.v());
        assertNotSame(w, wrapped.v());
        float[] norms = new float[3];
        LAYER.norms(w, norms);
        assertArrayEquals(norms, wrapped.g());
        float[] folded = wrapped.fold();
        for (int i = 0; i < w.length; i++) {
            assertEquals(w[i], folded[i], 2 * Math.ulp(w[i]));
        }
        assertEquals(LAYER, wrapped.layer());
        assertTrue(wrapped.toString().contains("[3, 5]"), wrapped.toString());
    }

    @Test
    void aCheckpointsParametersAreCopied() {
        float[] v = Samples.floats(15, 2, 3);
        float[] g = {1, 2, 3};
        NormalizedWeight weight = NormalizedWeight.of(LAYER, v, g);
        float[] expected = new float[15];
        LAYER.reconstruct(v, g, expected);
        v[0] = 99;
        g[0] = 99;
        float[] w = new float[15];
        weight.weight(w);
        assertArrayEquals(expected, w);
        assertArrayEquals(expected, weight.fold());
        weight.g()[0] = 5;
        weight.weight(w);
        assertEquals(5 * expected[0], w[0], 1e-6);
    }

    @Test
    void aStepOfBothGoesByTheGradientsBeforeIt() {
        float[] v = Samples.floats(15, 3, 2);
        float[] g = {1, -2, 3};
        float[] weightGradient = Samples.floats(15, 4, 2);
        float[] vGradient = new float[15];
        float[] gGradient = new float[3];
        LAYER.gradients(weightGradient, v, g, vGradient, gGradient);
        NormalizedWeight weight = NormalizedWeight.of(LAYER, v, g);
        weight.step(weightGradient, Optimizer.sgd(0.25f));
        for (int i = 0; i < v.length; i++) {
            assertEquals(v[i] - 0.25f * vGradient[i], weight.v()[i]);
        }
        for (int c = 0; c < g.length; c++) {
            assertEquals(g[c] - 0.25f * gGradient[c], weight.g()[c]);
        }
    }

    /** Gains that stay as they are: DINO's last layer. */
    @Test
    void eachParameterHasItsOptimizer() {
        float[] v = Samples.floats(15, 5, 2);
        NormalizedWeight weight = NormalizedWeight.of(LAYER, v, new float[] {1, 1, 1});
        weight.step(Samples.floats(15, 6, 2), Optimizer.sgd(0.1f), (parameter, gradient) -> { });
        assertArrayEquals(new float[] {1, 1, 1}, weight.g());
        assertTrue(weight.v()[0] != v[0]);
    }

    @Test
    void argumentsAreChecked() {
        assertEquals("w.length: 14 (expected: 15)", refused(() -> NormalizedWeight.wrap(LAYER, new float[14])));
        assertEquals("v.length: 16 (expected: 15)", refused(() -> NormalizedWeight.of(LAYER, new float[16], new float[3])));
        assertEquals("g.length: 2 (expected: 3)", refused(() -> NormalizedWeight.of(LAYER, new float[15], new float[2])));
        assertTrue(refused(() -> NormalizedWeight.wrap(LAYER.range(0, 2), new float[15])).contains("(expected: all of its channels)"));
        assertTrue(refused(() -> NormalizedWeight.wrap(LAYER.range(1, 3), new float[15])).contains("(expected: all of its channels)"));
        NormalizedWeight weight = NormalizedWeight.wrap(LAYER, Samples.floats(15, 7, 2));
        assertEquals("weightGradient.length: 3 (expected: 15)", refused(() -> weight.step(new float[3], Optimizer.sgd(1))));
        assertEquals("w.length: 3 (expected: 15)", refused(() -> weight.weight(new float[3])));
        assertThrows(NullPointerException.class, () -> weight.step(new float[15], null));
        for (float rate : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertEquals("learningRate: " + rate + " (expected: finite and >= 0)", refused(() -> Optimizer.sgd(rate)));
        }
        Optimizer.sgd(0).update(new float[1], new float[1]);
    }

    private static String refused(Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }
}
