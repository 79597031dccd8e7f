package io.github.weightnorm.properties.example;

// README shows what stands between the two markers.
// <properties-example>
import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.WeightNormKernel;
import io.github.weightnorm.properties.WeightNormProperties;
import java.util.Arrays;

class PlainLoopProperties extends WeightNormProperties {

    @Override
    protected WeightNormKernel kernel() {
        return new WeightNormKernel() {
            @Override
            public void norms(Layer layer, float[] v, float[] norms) {
                double[] lengths = lengths(layer, v);
                for (int channel = 0; channel < norms.length; channel++) {
                    norms[channel] = (float) lengths[channel];
                }
            }

            @Override
            public void reconstruct(Layer layer, float[] v, float[] g, float[] w) {
                double[] lengths = lengths(layer, v);
                for (int i = 0; i < v.length; i++) {
                    int channel = layer.channelOf(i);
                    w[i] = lengths[channel] == 0 ? 0 : (float) (g[channel] / lengths[channel] * v[i]);
                }
            }
        };
    }

    private static double[] lengths(Layer layer, float[] v) {
        double[] squares = new double[layer.channels()];
        for (int i = 0; i < v.length; i++) {
            squares[layer.channelOf(i)] += (double) v[i] * v[i];
        }
        return Arrays.stream(squares).map(sum -> Math.sqrt(sum + layer.epsilon())).toArray();
    }
}
// </properties-example>
