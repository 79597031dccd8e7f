package io.github.weightnorm;

import io.github.weightnorm.properties.GradientKernel;
import io.github.weightnorm.properties.Layer;

/** The gradients of one of this library's back ends, for the properties. */
record LibraryGradients(GradientKernels kernels) implements GradientKernel {

    @Override
    public void gradients(Layer layer, float[] weightGradient, float[] v, float[] g, float[] vGradient, float[] gGradient) {
        kernels.apply(LibraryKernel.layer(layer), weightGradient, 0, v, 0, g, 0, vGradient, 0, gGradient, 0);
    }

    @Override
    public boolean gradientsInPlace(Layer layer, float[] weightGradient, float[] v, float[] g, float[] gGradient) {
        gradients(layer, weightGradient, v, g, weightGradient, gGradient);
        return true;
    }

    @Override
    public boolean gradientsRange(Layer layer, int fromChannel, int toChannel, float[] weightGradient, float[] v, float[] g,
            float[] vGradient, float[] gGradient) {
        WeightNorm range = LibraryKernel.layer(layer).range(fromChannel, toChannel);
        kernels.apply(range, weightGradient, 0, v, 0, g, 0, vGradient, 0, gGradient, 0);
        return true;
    }
}
