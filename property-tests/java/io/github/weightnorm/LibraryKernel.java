package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.WeightNormKernel;

/** One of this library's back ends, for the properties. */
record LibraryKernel(Kernels kernels) implements WeightNormKernel {

    static WeightNorm layer(Layer layer) {
        WeightNorm of = layer.keptAxis() == Layer.WHOLE ? WeightNorm.whole(layer.shape()) : WeightNorm.of(layer.shape(), layer.keptAxis());
        return of.epsilon(layer.epsilon());
    }

    @Override
    public void norms(Layer layer, float[] v, float[] norms) {
        kernels.apply(Output.NORM, layer(layer), v, 0, null, 0, norms, 0);
    }

    @Override
    public void reconstruct(Layer layer, float[] v, float[] g, float[] w) {
        kernels.apply(Output.WEIGHT, layer(layer), v, 0, g, 0, w, 0);
    }

    @Override
    public void directions(Layer layer, float[] v, float[] directions) {
        kernels.apply(Output.WEIGHT, layer(layer), v, 0, null, 0, directions, 0);
    }

    @Override
    public boolean scales(Layer layer, float[] v, float[] g, float[] scales) {
        kernels.apply(Output.SCALE, layer(layer), v, 0, g, 0, scales, 0);
        return true;
    }

    @Override
    public boolean reconstructInPlace(Layer layer, float[] v, float[] g) {
        kernels.apply(Output.WEIGHT, layer(layer), v, 0, g, 0, v, 0);
        return true;
    }

    @Override
    public boolean reconstructAt(Layer layer, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
        kernels.apply(Output.WEIGHT, layer(layer), v, vOffset, g, gOffset, w, wOffset);
        return true;
    }

    @Override
    public boolean reconstructRange(Layer layer, int fromChannel, int toChannel, float[] v, float[] g, float[] w) {
        kernels.apply(Output.WEIGHT, layer(layer).range(fromChannel, toChannel), v, 0, g, 0, w, 0);
        return true;
    }
}
