package io.github.weightnorm;

import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.WeightNormKernel;
import io.github.weightnorm.properties.WeightNormProperties;

/** The public entry, with whichever back end it chose. */
class PublicApiProperties extends WeightNormProperties {

    @Override
    protected WeightNormKernel kernel() {
        return new PublicApi();
    }

    private static final class PublicApi implements WeightNormKernel {

        @Override
        public void norms(Layer layer, float[] v, float[] norms) {
            LibraryKernel.layer(layer).norms(v, norms);
        }

        @Override
        public void reconstruct(Layer layer, float[] v, float[] g, float[] w) {
            LibraryKernel.layer(layer).reconstruct(v, g, w);
        }

        @Override
        public void directions(Layer layer, float[] v, float[] directions) {
            LibraryKernel.layer(layer).directions(v, directions);
        }

        @Override
        public void decompose(Layer layer, float[] w, float[] g, float[] v) {
            LibraryKernel.layer(layer).decompose(w, g, v);
        }

        @Override
        public boolean scales(Layer layer, float[] v, float[] g, float[] scales) {
            LibraryKernel.layer(layer).scales(v, g, scales);
            return true;
        }

        @Override
        public boolean reconstructInPlace(Layer layer, float[] v, float[] g) {
            LibraryKernel.layer(layer).reconstruct(v, g, v);
            return true;
        }

        @Override
        public boolean reconstructAt(Layer layer, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
            LibraryKernel.layer(layer).reconstruct(v, vOffset, g, gOffset, w, wOffset);
            return true;
        }

        @Override
        public boolean reconstructRange(Layer layer, int fromChannel, int toChannel, float[] v, float[] g, float[] w) {
            LibraryKernel.layer(layer).range(fromChannel, toChannel).reconstruct(v, g, w);
            return true;
        }
    }
}
