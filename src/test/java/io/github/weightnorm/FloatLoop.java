package io.github.weightnorm;

import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.WeightNormKernel;

/** What anyone would write first, all in float: the yardstick of the accuracy table. */
final class FloatLoop implements WeightNormKernel {

    @Override
    public void norms(Layer layer, float[] v, float[] norms) {
        float[] squares = new float[norms.length];
        for (int i = 0; i < v.length; i++) {
            squares[layer.channelOf(i)] += v[i] * v[i];
        }
        for (int c = 0; c < norms.length; c++) {
            norms[c] = (float) Math.sqrt(squares[c]);
        }
    }

    @Override
    public boolean scales(Layer layer, float[] v, float[] g, float[] scales) {
        norms(layer, v, scales);
        for (int c = 0; c < scales.length; c++) {
            scales[c] = g[c] / scales[c];
        }
        return true;
    }

    @Override
    public void reconstruct(Layer layer, float[] v, float[] g, float[] w) {
        float[] scales = new float[g.length];
        scales(layer, v, g, scales);
        for (int i = 0; i < v.length; i++) {
            w[i] = v[i] * scales[layer.channelOf(i)];
        }
    }
}
