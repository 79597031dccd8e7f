package io.github.weightnorm;

import io.github.weightnorm.properties.Layer;

/** Kernels that are wrong in one point each, and the property that finds it. */
enum PlantedFault {
    FLOAT_ACCUMULATION("normsAreTheNearestFloats", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            float sum = 0;
            for (int i = 0; i < layer.size() / layer.channels(); i++) {
                float x = v[position(layer, channel, i)];
                sum += x * x;
            }
            return sum;
        }
    }),
    FUSED_FLOAT_ACCUMULATION("normsAreTheNearestFloats", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            float sum = 0;
            for (int i = 0; i < layer.size() / layer.channels(); i++) {
                float x = v[position(layer, channel, i)];
                sum = Math.fma(x, x, sum);
            }
            return sum;
        }
    }),
    SQUARES_IN_FLOAT("everyMagnitudeIsRight", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            double sum = 0;
            for (int i = 0; i < layer.size() / layer.channels(); i++) {
                float x = v[position(layer, channel, i)];
                sum += x * x;
            }
            return sum;
        }
    }),
    /** The factor is not rounded before the product, as if both were one fused operation: nearer to the truth, and other bits. */
    FUSED_PRODUCT("weightsHaveTheSameBits", new PlainKernel() {
        @Override
        float weight(float v, float gain, double norm) {
            return (float) Math.fma(v, Channel.factor(norm, gain), 0.0);
        }
    }),
    DROPPED_TAIL("normsAreTheNearestFloats", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            int length = layer.size() / layer.channels();
            double sum = super.sumOfSquares(layer, channel, v);
            double last = v[position(layer, channel, length - 1)];
            return length % 8 == 0 ? sum : sum - last * last;
        }
    }),
    /** A loop over blocks of 32 that ends one too early, where the row ends with a block. */
    LAST_BLOCK_MISSED("normsAreTheNearestFloats", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            int length = layer.size() / layer.channels();
            int end = length % 32 == 0 ? length - 32 : length;
            double sum = 0;
            for (int i = 0; i < end; i++) {
                double x = v[position(layer, channel, i)];
                sum += x * x;
            }
            return sum;
        }
    }),
    /** A tail that begins one element before the blocks of 32 end. */
    BLOCK_BOUNDARY_COUNTED_TWICE("normsAreTheNearestFloats", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            int length = layer.size() / layer.channels();
            double sum = super.sumOfSquares(layer, channel, v);
            double last = length < 32 ? 0 : v[position(layer, channel, (length & -32) - 1)];
            return sum + last * last;
        }
    }),
    /** {@code [in, out, kernel]} read as {@code [out, in, kernel]}: the sizes fit. */
    WRONG_AXIS_OF_TRANSPOSED_CONVOLUTION("transposedConvolutionsKeepTheirAxis", new PlainKernel() {
        @Override
        int position(Layer layer, int channel, int element) {
            boolean perOutput = layer.shape().length == 3 && layer.keptAxis() == 1;
            return perOutput ? channel * (layer.size() / layer.channels()) + element : super.position(layer, channel, element);
        }
    }),
    /** The norm of row i and all that follow: a tutorial's {@code weight[i:,].norm()}. */
    NORM_OF_THE_TAIL("directionsHaveUnitLength", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            double sum = 0;
            for (int following = channel; following < layer.channels(); following++) {
                sum += super.sumOfSquares(layer, following, v);
            }
            return sum;
        }
    }),
    SWAPPED_GAINS("weightsAreWithinTheirBound", new PlainKernel() {
        @Override
        float gain(float[] g, int channel) {
            return g[g.length - 1 - channel];
        }
    }),
    GAIN_LEFT_OUT("weightsAreWithinTheirBound", new PlainKernel() {
        @Override
        float gain(float[] g, int channel) {
            return 1;
        }
    }),
    SCALES_INVERTED("scalesAreTheNearestFloats", new PlainKernel() {
        @Override
        public boolean scales(Layer layer, float[] v, float[] g, float[] scales) {
            super.scales(layer, v, g, scales);
            for (int channel = 0; channel < scales.length; channel++) {
                scales[channel] = 1 / scales[channel];
            }
            return true;
        }
    }),
    EPSILON_OUTSIDE_THE_ROOT("epsilonGoesUnderTheRoot", new PlainKernel() {
        @Override
        double norm(double sum, double epsilon) {
            return Math.sqrt(sum) + epsilon;
        }
    }),
    EPSILON_AS_A_LOWER_BOUND("epsilonGoesUnderTheRoot", new PlainKernel() {
        @Override
        double norm(double sum, double epsilon) {
            return Math.sqrt(Math.max(sum, epsilon));
        }
    }),
    /** An ε that nobody asked for. */
    HIDDEN_EPSILON("powersOfTwoInDirectionsCancel", new PlainKernel() {
        @Override
        double norm(double sum, double epsilon) {
            return super.norm(sum, epsilon + 1e-12);
        }
    }),
    /** As {@code F.normalize} does: rows of 1e-40 vanish. */
    CLAMPED_NORM("everyMagnitudeIsRight", new PlainKernel() {
        @Override
        double norm(double sum, double epsilon) {
            return Math.max(super.norm(sum, epsilon), 1e-12);
        }
    }),
    NAN_FOR_ZEROS("aChannelOfZerosGivesZeros", new PlainKernel() {
        @Override
        float weight(float v, float gain, double norm) {
            return norm == 0 ? (float) (gain / norm * v) : super.weight(v, gain, norm);
        }
    }),
    /** Two roundings where the contract has room for one: the norm's and the factor's. */
    ROUNDED_NORM("weightsAreWithinTheirBound", new PlainKernel() {
        @Override
        float weight(float v, float gain, double norm) {
            return norm == 0 ? 0 : v / (float) norm * gain;
        }
    }),
    FACTOR_ALWAYS_IN_FLOAT("everyMagnitudeIsRight", new PlainKernel() {
        @Override
        float weight(float v, float gain, double norm) {
            return v * (float) Channel.factor(norm, gain);
        }
    }),
    /** A check for NaN of everything at once. */
    NAN_EVERYWHERE("nanStaysInItsChannel", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            for (float x : v) {
                if (x != x) {
                    return Double.NaN;
                }
            }
            return super.sumOfSquares(layer, channel, v);
        }
    }),
    /** Scaled by the largest element against overflow: infinity by infinity is NaN. */
    SCALED_BY_THE_LARGEST("infinityStaysInItsChannel", new PlainKernel() {
        @Override
        double norm(double sum, double epsilon) {
            return Double.isInfinite(sum) ? Double.NaN : super.norm(sum, epsilon);
        }
    }),
    /** What little is left of the channel before: it shows where that one is huge. */
    REMAINDER_OF_THE_CHANNEL_BEFORE("channelsAreIndependent", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            double sum = super.sumOfSquares(layer, channel, v);
            return channel == 0 ? sum : sum + 0x1p-60 * super.sumOfSquares(layer, channel - 1, v);
        }
    }),
    /** Results that are written over directions still to be read. */
    READS_WHAT_IT_WROTE("inPlaceEqualsOutOfPlace", new PlainKernel() {
        @Override
        void channel(Layer layer, int channel, float[] v, float[] g, float[] w) {
            int first = position(layer, channel, 0);
            w[first] = weight(v[first], gain(g, channel), norm(sumOfSquares(layer, channel, v), layer.epsilon()));
            float before = w[first];
            super.channel(layer, channel, v, g, w);
            w[first] = before;
        }
    }),
    WORKS_IN_ITS_INPUT("inputsAreLeftAlone", new PlainKernel() {
        @Override
        public void reconstruct(Layer layer, float[] v, float[] g, float[] w) {
            super.reconstruct(layer, v.clone(), g, w);
            System.arraycopy(w, 0, v, 0, v.length);
        }
    }),
    OFFSET_OF_GAINS_IGNORED("offsetsDoNotMatter", new PlainKernel() {
        @Override
        public boolean reconstructAt(Layer layer, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
            return super.reconstructAt(layer, v, vOffset, g, 0, w, wOffset);
        }
    }),
    RANGE_BEGINS_WITH_THE_FIRST_GAIN("rangesCoverTheLayer", new PlainKernel() {
        @Override
        public boolean reconstructRange(Layer layer, int fromChannel, int toChannel, float[] v, float[] g, float[] w) {
            float[] gains = g.clone();
            System.arraycopy(g, 0, gains, fromChannel, g.length - fromChannel);
            return super.reconstructRange(layer, fromChannel, toChannel, v, gains, w);
        }
    }),
    DECOMPOSED_INTO_SQUARES("weightsSurviveDecomposition", new PlainKernel() {
        @Override
        public void decompose(Layer layer, float[] w, float[] g, float[] v) {
            super.decompose(layer, w, g, v);
            for (int channel = 0; channel < g.length; channel++) {
                g[channel] *= g[channel];
            }
        }
    }),
    /** Float partial sums that are added up in double: right for short rows only. */
    FLOAT_PARTIAL_SUMS("longRowsAreRight", new PlainKernel() {
        @Override
        double sumOfSquares(Layer layer, int channel, float[] v) {
            int length = layer.size() / layer.channels();
            if (length <= 300) {
                return super.sumOfSquares(layer, channel, v);
            }
            double total = 0;
            float sum = 0;
            for (int i = 0; i < length; i++) {
                float x = v[position(layer, channel, i)];
                sum += x * x;
                if (i % 256 == 255 || i == length - 1) {
                    total += sum;
                    sum = 0;
                }
            }
            return total;
        }
    });

    /** The property that is there to find it; others may, too. */
    final String property;
    final PlainKernel kernel;

    PlantedFault(String property, PlainKernel kernel) {
        this.property = property;
        this.kernel = kernel;
    }
}
