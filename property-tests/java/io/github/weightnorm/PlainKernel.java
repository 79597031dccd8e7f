package io.github.weightnorm;

import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.WeightNormKernel;

/**
 * A right kernel of plain loops, in steps that a fault can replace ({@link PlantedFault}). It rounds as the library does, so that it
 * passes every property, those of equal bits included.
 */
class PlainKernel implements WeightNormKernel {

    /** The position of a channel's element. */
    int position(Layer layer, int channel, int element) {
        int inner = layer.keptAxis() == Layer.WHOLE ? layer.size() : layer.inner();
        return (element / inner * layer.channels() + channel) * inner + element % inner;
    }

    double sumOfSquares(Layer layer, int channel, float[] v) {
        double sum = 0;
        for (int i = 0; i < layer.size() / layer.channels(); i++) {
            double x = v[position(layer, channel, i)];
            sum += x * x;
        }
        return sum;
    }

    double norm(double sum, double epsilon) {
        return Math.sqrt(sum + epsilon);
    }

    float gain(float[] g, int channel) {
        return g[channel];
    }

    float weight(float v, float gain, double norm) {
        float factor = Channel.plainFactor(norm, gain);
        return Channel.toFloat(factor == factor ? v * factor : v * Channel.factor(norm, gain));
    }

    void channel(Layer layer, int channel, float[] v, float[] g, float[] w) {
        double norm = norm(sumOfSquares(layer, channel, v), layer.epsilon());
        for (int i = 0; i < layer.size() / layer.channels(); i++) {
            int at = position(layer, channel, i);
            w[at] = weight(v[at], gain(g, channel), norm);
        }
    }

    @Override
    public void norms(Layer layer, float[] v, float[] norms) {
        for (int channel = 0; channel < norms.length; channel++) {
            norms[channel] = (float) norm(sumOfSquares(layer, channel, v), layer.epsilon());
        }
    }

    @Override
    public void reconstruct(Layer layer, float[] v, float[] g, float[] w) {
        reconstructRange(layer, 0, layer.channels(), v, g, w);
    }

    @Override
    public boolean reconstructRange(Layer layer, int fromChannel, int toChannel, float[] v, float[] g, float[] w) {
        for (int channel = fromChannel; channel < toChannel; channel++) {
            channel(layer, channel, v, g, w);
        }
        return true;
    }

    @Override
    public boolean scales(Layer layer, float[] v, float[] g, float[] scales) {
        for (int channel = 0; channel < scales.length; channel++) {
            double norm = norm(sumOfSquares(layer, channel, v), layer.epsilon());
            scales[channel] = (float) Channel.factor(norm, gain(g, channel));
        }
        return true;
    }

    @Override
    public boolean reconstructInPlace(Layer layer, float[] v, float[] g) {
        reconstruct(layer, v, g, v);
        return true;
    }

    @Override
    public boolean reconstructAt(Layer layer, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
        float[] part = new float[layer.size()];
        float[] gains = new float[layer.channels()];
        System.arraycopy(v, vOffset, part, 0, part.length);
        System.arraycopy(g, gOffset, gains, 0, gains.length);
        reconstruct(layer, part, gains, part);
        System.arraycopy(part, 0, w, wOffset, part.length);
        return true;
    }
}
