package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.weightnorm.Kernels.Output;
import io.github.weightnorm.WarmUp.Kind;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is warmed is what callers will need, and vector code is faster when the warm-up says so. */
class WarmUpTest {

    private static final long SECOND = 1_000_000_000;

    /** A method of vector code that the warm-up leaves out would be interpreted when callers come to it, at a hundred times the cost. */
    @ParameterizedTest
    @EnumSource
    void allThatVectorCodeDoesForAKindIsWarmed(Kind kind) {
        Kernels vector = Backend.choose("vector", Machine.current(), VectorKernels::new).kernels();
        assumeTrue(vector != null, "this JVM runs without the vector module");
        assumeTrue(kind != Kind.SHORT_ROWS || vector.takesRows(Output.WEIGHT, 7), "short rows are scalar code at this width");
        Recorder warmed = new Recorder(vector);
        Recorder used = new Recorder(vector);
        for (WeightNorm layer : kind.layers()) {
            float[] v = filled(layer.size());
            float[] g = filled(layer.channelCount());
            float[] w = new float[layer.size()];
            kind.weight(warmed, layer, v, g, w);
            kind.others(warmed, layer, v, g, w);
            if (Kind.of(layer.layout) != kind) {
                continue;
            }
            used.apply(Output.WEIGHT, layer, v, 0, g, 0, w, 0);
            used.apply(Output.NORM, layer, v, 0, null, 0, w, 0);
            used.apply(Output.SCALE, layer, v, 0, g, 0, w, 0);
            used.apply(Output.WEIGHT, layer, v, 0, g, 0, v, 0);
        }
        used.called.removeAll(warmed.called);
        assertEquals(Set.of(), used.called);
    }

    @ParameterizedTest
    @EnumSource
    void backEndsAreComparedOnALayerOfTheKind(Kind kind) {
        assertEquals(kind, Kind.of(kind.layers()[0].layout));
    }

    @Test
    void whatBecomesFasterTakesOver() {
        ScalarKernels slow = new ScalarKernels() {
            @Override
            double sumOfSquares(float[] v, int at, int runs, int stride, int length) {
                idle(100_000);
                return super.sumOfSquares(v, at, runs, stride, length);
            }

            @Override
            int plainRows(Output output, WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset, float[] out,
                    int outOffset) {
                idle(100_000);
                return super.plainRows(output, layer, from, to, v, vOffset, g, gOffset, out, outOffset);
            }
        };
        assertTrue(new WarmUp(Kind.LONG_ROWS, slow, new ScalarKernels(), 60 * SECOND).becomesFaster());
        assertFalse(new WarmUp(Kind.LONG_ROWS, new ScalarKernels(), slow, SECOND / 10).becomesFaster());
    }

    private static void idle(long nanos) {
        for (long end = System.nanoTime() + nanos; System.nanoTime() < end;) {
            Thread.onSpinWait();
        }
    }

    private static float[] filled(int size) {
        float[] array = new float[size];
        Arrays.fill(array, 0.5f);
        return array;
    }

    /** Notes which methods of a back end are called. */
    private static final class Recorder extends Kernels {
        final Set<String> called = new TreeSet<>();
        private final Kernels kernels;

        Recorder(Kernels kernels) {
            this.kernels = kernels;
        }

        @Override
        int vectorBits() {
            return kernels.vectorBits();
        }

        @Override
        boolean takesRows(Output output, int length) {
            return kernels.takesRows(output, length);
        }

        @Override
        int stripWidth(Output output, Layout layout, int channels) {
            return kernels.stripWidth(output, layout, channels);
        }

        @Override
        double sumOfSquares(float[] v, int at, int runs, int stride, int length) {
            // All else is scalar code on both back ends.
            if (runs == 1 && length > 1) {
                called.add("sumOfSquares");
            }
            return kernels.sumOfSquares(v, at, runs, stride, length);
        }

        @Override
        void multiply(float[] v, int vAt, float factor, float[] w, int wAt, int runs, int stride, int length) {
            called.add("multiply");
            kernels.multiply(v, vAt, factor, w, wAt, runs, stride, length);
        }

        @Override
        void multiplyRuns(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int runs, int stride, int channels,
                int length) {
            called.add("multiplyRuns");
            kernels.multiplyRuns(v, vAt, factors, factorsAt, w, wAt, runs, stride, channels, length);
        }

        @Override
        int factorsRunByRun(WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset,
                int factorsOffset) {
            called.add("factorsRunByRun");
            return kernels.factorsRunByRun(layer, from, to, v, vOffset, g, gOffset, w, wOffset, factorsOffset);
        }

        @Override
        int plainRows(Output output, WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset, float[] out,
                int outOffset) {
            called.add("plainRows");
            return kernels.plainRows(output, layer, from, to, v, vOffset, g, gOffset, out, outOffset);
        }

        @Override
        boolean strip(Output output, WeightNorm layer, int channel, int width, float[] v, int vOffset, float[] g, int gOffset, float[] out,
                int outOffset) {
            called.add("strip");
            return kernels.strip(output, layer, channel, width, v, vOffset, g, gOffset, out, outOffset);
        }
    }
}
