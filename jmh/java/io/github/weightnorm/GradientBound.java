package io.github.weightnorm;

import static jdk.incubator.vector.VectorOperators.FMA;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Parts of the gradient kernel that none with its results can do without, to say what is left to gain. Neither computes gradients.
 *
 * @param name {@code floor}: both arrays read for one sum, and read again to write a third, all in float; {@code sums}: the two sums in
 *     double with what becomes of them, and nothing written to ∇v
 */
record GradientBound(String name) implements Implementation {

    static final GradientBound FLOOR = new GradientBound("floor");
    static final GradientBound SUMS = new GradientBound("sums");

    @Override
    public String description() {
        return this == FLOOR ? "∇w and v read for a sum, read again to write ∇v, in float" : "the gradients' two sums in double, ∇v not written";
    }

    @Override
    public boolean supports(Kernel kernel, WeightNorm layer) {
        // Of channels that are spread over memory, the sums go strip by strip or lie in ∇v.
        return kernel == Kernel.GRADIENTS && (this == FLOOR ? Backend.expectsVectors() : layer.layout.outer() == 1);
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        WeightNorm layer = task.layer();
        float[] dw = task.weightGradient();
        float[] v = task.v();
        float[] g = task.g();
        float[] dv = new float[v.length];
        float[] dg = new float[g.length];
        if (this == SUMS) {
            GradientKernels kernels = GradientKernels.inUse();
            return Call.of(() -> {
                for (int channel = 0; channel < dg.length; channel++) {
                    kernels.coefficients(layer, channel, dw, 0, v, 0, g, 0, dg, 0);
                }
            });
        }
        // A row is still in the cache when it is read again; of spread channels, all has to be read before any is written.
        int length = layer.layout.outer() == 1 ? layer.layout.inner() : v.length;
        return Call.of(() -> Passes.run(dw, v, dv, length));
    }

    /** Apart, so that a JVM without the module links the rest. */
    private static final class Passes {

        private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

        static void run(float[] dw, float[] v, float[] dv, int length) {
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
    }
}
