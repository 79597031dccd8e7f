package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A program that calls both back ends over and over, on layouts mixed at random, and compares every result with what the scalar one
 * gave when the JVM had compiled nothing yet.
 */
final class MixedCalls {

    private static final int CALLS = 20_000;

    /** What is called, over and over: a kernel, or, without an output, the gradients. */
    private static final class Call {
        final Output output;
        final WeightNorm layer;
        final float[] v;
        final float[] g;
        final float[] expected;
        final boolean inPlace;

        Call(Output output, WeightNorm layer, float[] v, float[] g, boolean inPlace) {
            this.output = output;
            this.layer = layer;
            this.v = v;
            this.g = g;
            this.inPlace = inPlace;
            this.expected = apply(new ScalarKernels());
        }

        float[] apply(Kernels kernels) {
            if (output == null) {
                return gradients(GradientKernels.of(kernels, () -> new VectorGradients()));
            }
            float[] in = inPlace ? v.clone() : v;
            float[] out = inPlace ? in : new float[output == Output.WEIGHT ? v.length : layer.channelCount()];
            kernels.apply(output, layer, in, 0, g, 0, out, 0);
            return out;
        }

        /** ∇v and, behind it, ∇g, from a ∇w that is v backwards. */
        private float[] gradients(GradientKernels kernels) {
            float[] dw = new float[v.length];
            for (int i = 0; i < v.length; i++) {
                dw[i] = v[v.length - 1 - i];
            }
            float[] dv = inPlace ? dw : new float[v.length];
            float[] dg = new float[g.length];
            kernels.apply(layer, dw, 0, v, 0, g, 0, dv, 0, dg, 0);
            float[] both = Arrays.copyOf(dv, dv.length + dg.length);
            System.arraycopy(dg, 0, both, dv.length, dg.length);
            return both;
        }
    }

    private MixedCalls() {}

    /** Prints how many calls agreed, and on which back ends, or ends with the first that did not. */
    public static void main(String[] arguments) {
        List<Kernels> backEnds = new ArrayList<>(List.of(new ScalarKernels()));
        Kernels vector = Backend.choose("vector", Machine.current(), VectorKernels::new).kernels();
        if (vector != null) {
            backEnds.add(vector);
        }
        List<Call> ordinary = calls(false);
        List<Call> special = calls(true);
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < CALLS; i++) {
            // Nothing but ordinary numbers until C2 has settled on them, then one surprise in eight.
            boolean surprise = i > CALLS / 2 && random.nextInt(8) == 0;
            List<Call> calls = surprise ? special : ordinary;
            Call call = calls.get(random.nextInt(calls.size()));
            for (Kernels kernels : backEnds) {
                if (!Arrays.equals(call.expected, call.apply(kernels))) {
                    throw new AssertionError(kernels.name() + ", " + (call.output == null ? "gradients" : call.output) + " of " + call.layer
                            + (call.inPlace ? " in place" : "") + ", call " + i);
                }
            }
        }
        System.out.println(agreement(backEnds.size()));
    }

    /** What the program prints in the end. */
    static String agreement(int backEnds) {
        return CALLS + " calls agreed on " + backEnds + " back ends";
    }

    private static List<Call> calls(boolean special) {
        List<Call> calls = new ArrayList<>();
        int seed = 900;
        for (WeightNorm layer : List.of(WeightNorm.linear(21, 1), WeightNorm.linear(21, 3), WeightNorm.linear(21, 7),
                WeightNorm.linear(11, 8), WeightNorm.linear(9, 16), WeightNorm.linear(9, 40), WeightNorm.linear(9, 75),
                WeightNorm.linear(3, 333), WeightNorm.linear(2, 2100), WeightNorm.of(new int[] {9, 70}, 1),
                WeightNorm.of(new int[] {33, 35}, 1), WeightNorm.of(new int[] {5, 9, 3}, 1), WeightNorm.of(new int[] {5, 7, 40}, 1),
                WeightNorm.whole(99), WeightNorm.linear(9, 33).epsilon(0.5), WeightNorm.linear(40, 12).range(3, 38))) {
            float[] v = special ? Samples.specials(layer.size(), seed++) : Samples.floats(layer.size(), seed++, 20);
            float[] g = special ? Samples.specials(layer.channelCount(), seed++) : Samples.floats(layer.channelCount(), seed++, 20);
            for (Output output : List.of(Output.NORM, Output.SCALE, Output.WEIGHT)) {
                calls.add(new Call(output, layer, v, g, false));
            }
            calls.add(new Call(Output.WEIGHT, layer, v, null, false));
            calls.add(new Call(Output.WEIGHT, layer, v, g, true));
            calls.add(new Call(null, layer, v, g, false));
            calls.add(new Call(null, layer, v, g, true));
        }
        return calls;
    }
}
