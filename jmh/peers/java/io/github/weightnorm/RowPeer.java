package io.github.weightnorm;

/** A library with norms and products of vectors, called row by row: what someone does who has it at hand. */
abstract class RowPeer implements Implementation {

    /** Rows and gains in whatever form the library wants them. */
    abstract static class Rows implements Call {

        final int channels;
        final int length;
        private final Kernel kernel;
        private final float[] g;
        private final float[] perChannel;

        Rows(Kernel kernel, Task task) {
            this.kernel = kernel;
            g = task.g();
            channels = g.length;
            length = task.v().length / channels;
            perChannel = new float[channels];
        }

        /** {@code ‖v_c‖}. */
        abstract float norm(int channel);

        /** {@code w_c = v_c·factor}. */
        abstract void scale(int channel, float factor);

        /** w, as an array. */
        abstract float[] weight();

        @Override
        public final void run() {
            for (int channel = 0; channel < channels; channel++) {
                float norm = norm(channel);
                if (kernel == Kernel.NORMS) {
                    perChannel[channel] = norm;
                } else {
                    scale(channel, g[channel] / norm);
                }
            }
        }

        @Override
        public final float[][] results() {
            return new float[][] {kernel == Kernel.NORMS ? perChannel : weight()};
        }
    }

    @Override
    public final boolean supports(Kernel kernel, WeightNorm layer) {
        return layer.layout.outer() == 1 && (kernel == Kernel.NORMS || kernel == Kernel.RECONSTRUCT);
    }
}
