package io.github.weightnorm;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.MUL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Parts of a kernel that none with its results can do without, to say what is left to gain. Neither computes a result.
 *
 * @param name {@code floor}: the passes over memory, with one operation for each element, in float; {@code sums}: the gradients' two sums
 *     in double with what becomes of them, and nothing written to ∇v
 */
record Bound(String name) implements Implementation {

    static final Bound FLOOR = new Bound("floor");
    static final Bound SUMS = new Bound("sums");

    @Override
    public String description() {
        return this == FLOOR ? "what the kernel reads and writes, each element once for a fold and its input twice for gradients or where "
                + "channels are spread, in float" : "the gradients' two sums in double, ∇v not written";
    }

    @Override
    public boolean supports(Kernel kernel, WeightNorm layer) {
        if (this == SUMS) {
            // Of channels that are spread over memory, the sums go strip by strip or lie in ∇v.
            return kernel == Kernel.GRADIENTS && layer.layout.outer() == 1;
        }
        return Backend.expectsVectors() && (kernel == Kernel.GRADIENTS || kernel == Kernel.RECONSTRUCT || kernel == Kernel.IN_PLACE);
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        WeightNorm layer = task.layer();
        float[] v = task.v();
        if (this == SUMS) {
            GradientKernels kernels = GradientKernels.inUse();
            float[] dg = new float[task.g().length];
            return Call.of(() -> {
                for (int channel = 0; channel < dg.length; channel++) {
                    kernels.coefficients(layer, channel, task.weightGradient(), 0, v, 0, task.g(), 0, dg, 0);
                }
            });
        }
        boolean spread = layer.layout.outer() > 1;
        return switch (kernel) {
            // A row is still in the cache when it is read again; of spread channels, all has to be read before any is written.
            case GRADIENTS -> {
                float[] dv = new float[v.length];
                yield Call.of(() -> Passes.project(task.weightGradient(), v, dv, spread ? v.length : layer.layout.inner()));
            }
            case IN_PLACE -> fold(v.clone(), null, spread);
            default -> fold(v, new float[v.length], spread);
        };
    }

    private static Call fold(float[] v, float[] apart, boolean spread) {
        float[] w = apart == null ? v : apart;
        // Not a constant to C2, which would leave out a product by 1.
        float[] factor = {1};
        return Call.of(() -> {
            if (spread) {
                factor[0] = Math.min(1, Math.abs(Passes.sum(v, v, 0, v.length)) + 1);
            }
            Passes.multiply(v, factor[0], w);
        });
    }

    /** Apart, so that a JVM without the module links the rest. */
    private static final class Passes {

        private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

        static void project(float[] dw, float[] v, float[] dv, int length) {
            for (int at = 0; at < v.length; at += length) {
                write(sum(dw, v, at, length), dw, v, dv, at, length);
            }
        }

        private static float sum(float[] dw, float[] v, int at, int length) {
            FloatVector even = FloatVector.zero(SPECIES);
            FloatVector odd = even;
            int lanes = SPECIES.length();
            int i = at;
            for (int end = at + length - 2 * lanes; i <= end; i += 2 * lanes) {
                even = FloatVector.fromArray(SPECIES, dw, i).lanewise(FMA, FloatVector.fromArray(SPECIES, v, i), even);
                odd = FloatVector.fromArray(SPECIES, dw, i + lanes).lanewise(FMA, FloatVector.fromArray(SPECIES, v, i + lanes), odd);
            }
            float sum = even.lane(0) + odd.lane(0);
            for (; i < at + length; i++) {
                sum += dw[i] * v[i];
            }
            return sum;
        }

        private static void write(float sum, float[] dw, float[] v, float[] dv, int at, int length) {
            FloatVector factor = FloatVector.broadcast(SPECIES, sum);
            int i = at;
            for (int end = at + length - SPECIES.length(); i <= end; i += SPECIES.length()) {
                FloatVector.fromArray(SPECIES, v, i).lanewise(FMA, factor, FloatVector.fromArray(SPECIES, dw, i)).intoArray(dv, i);
            }
            for (; i < at + length; i++) {
                dv[i] = dw[i] + sum * v[i];
            }
        }

        static void multiply(float[] v, float factor, float[] w) {
            FloatVector factors = FloatVector.broadcast(SPECIES, factor);
            int i = 0;
            for (int line = VectorLanes.toLine(v, 0); i < line; i++) {
                w[i] = v[i] * factor;
            }
            for (; i <= v.length - SPECIES.length(); i += SPECIES.length()) {
                FloatVector.fromArray(SPECIES, v, i).lanewise(MUL, factors).intoArray(w, i);
            }
            for (; i < v.length; i++) {
                w[i] = v[i] * factor;
            }
        }
    }
}
