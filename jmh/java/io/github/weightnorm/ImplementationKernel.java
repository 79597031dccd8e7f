package io.github.weightnorm;

import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.WeightNormKernel;

/** An implementation for the properties and for the accuracy tables: prepared anew for every call. */
record ImplementationKernel(Implementation implementation) implements WeightNormKernel {

    @Override
    public void norms(Layer layer, float[] v, float[] norms) {
        compute(Kernel.NORMS, layer, v, new float[norms.length], norms);
    }

    @Override
    public boolean scales(Layer layer, float[] v, float[] g, float[] scales) {
        compute(Kernel.SCALES, layer, v, g, scales);
        return true;
    }

    @Override
    public void reconstruct(Layer layer, float[] v, float[] g, float[] w) {
        compute(Kernel.RECONSTRUCT, layer, v, g, w);
    }

    private void compute(Kernel kernel, Layer layer, float[] v, float[] g, float[] result) {
        Task task = new Task(LibraryKernel.layer(layer), v, g, new float[v.length]);
        try (Implementation.Call call = implementation.prepare(kernel, task)) {
            call.run();
            System.arraycopy(call.results()[0], 0, result, 0, result.length);
        }
    }
}
