package io.github.weightnorm;

import io.github.weightnorm.properties.GradientKernel;
import io.github.weightnorm.properties.Layer;

/** Gradients that are wrong in one point each, and the property that finds it. */
enum PlantedGradientFault {
    WRONG_SIGN("finiteDifferencesAgree", new PlainGradients() {
        @Override
        double element(double weightGradient, double v, double scale, double projection) {
            return -super.element(weightGradient, v, scale, projection);
        }
    }),
    /** {@code g/‖v‖·∇w}: as if ‖v‖ were a constant. */
    MISSING_PROJECTION("directionGradientsAreOrthogonalToV", new PlainGradients() {
        @Override
        double element(double weightGradient, double v, double scale, double projection) {
            return scale * weightGradient;
        }
    }),
    PROJECTION_ADDED("stepsNeverShortenV", new PlainGradients() {
        @Override
        double element(double weightGradient, double v, double scale, double projection) {
            return scale * (weightGradient + projection * v);
        }
    }),
    NORM_FOR_ITS_SQUARE("longerDirectionsHaveSmallerGradients", new PlainGradients() {
        @Override
        double projection(double products, double squares) {
            return products / Math.sqrt(squares);
        }
    }),
    /** The gain left out of ∇v. */
    GAIN_FORGOTTEN("gradientsAreTheTrueOnes", new PlainGradients() {
        @Override
        double scale(float gain, double norm) {
            return 1 / norm;
        }
    }),
    EPSILON_FORGOTTEN("epsilonIsPartOfTheNorm", new PlainGradients() {
        @Override
        double squares(Layer layer, int channel, float[] v) {
            return super.squares(layer, channel, v) - layer.epsilon();
        }
    }),
    /** {@code ‖v‖ = √(Σv² + ε)}, and {@code Σv²} without it in the projection. */
    EPSILON_IN_ONE_OF_TWO_PLACES("epsilonIsPartOfTheNorm", new PlainGradients() {
        @Override
        void channel(Layer layer, int channel, float[] weightGradient, float[] v, float[] g, float[] vGradient, float[] gGradient) {
            double squares = squares(layer, channel, v);
            double products = products(layer, channel, weightGradient, v);
            double norm = Math.sqrt(squares);
            for (int i = 0; i < layer.size() / layer.channels(); i++) {
                int at = PLAIN.position(layer, channel, i);
                double projection = products / (squares - layer.epsilon());
                vGradient[at] = (float) element(weightGradient[at], v[at], scale(g[channel], norm), projection);
            }
            gGradient[channel] = (float) (products / norm);
        }
    }),
    FLOAT_ACCUMULATION("longRowsAreRight", new PlainGradients() {
        @Override
        double products(Layer layer, int channel, float[] weightGradient, float[] v) {
            float sum = 0;
            for (int i = 0; i < layer.size() / layer.channels(); i++) {
                int at = PLAIN.position(layer, channel, i);
                sum += weightGradient[at] * v[at];
            }
            return sum;
        }
    }),
    COEFFICIENTS_ALWAYS_IN_FLOAT("everyMagnitudeIsRight", new PlainGradients() {
        @Override
        double element(double weightGradient, double v, double scale, double projection) {
            return (float) scale * ((float) weightGradient - (float) projection * (float) v);
        }
    }),
    GRADIENT_OF_ANOTHER_CHANNEL("channelsAreIndependent", new PlainGradients() {
        @Override
        double products(Layer layer, int channel, float[] weightGradient, float[] v) {
            return super.products(layer, (channel + 1) % layer.channels(), weightGradient, v);
        }
    }),
    NAN_FOR_ZEROS("aChannelOfZerosGivesZeros", new PlainGradients() {
        @Override
        boolean isZero(double norm) {
            return false;
        }
    }),
    /** A clean-up that hides what went wrong. */
    NAN_SWALLOWED("nanStaysInItsChannel", new PlainGradients() {
        @Override
        double element(double weightGradient, double v, double scale, double projection) {
            double element = super.element(weightGradient, v, scale, projection);
            return Double.isNaN(element) ? 0 : element;
        }
    }),
    WORKS_IN_ITS_INPUT("inputsAreLeftAlone", new PlainGradients() {
        @Override
        public void gradients(Layer layer, float[] weightGradient, float[] v, float[] g, float[] vGradient, float[] gGradient) {
            super.gradients(layer, weightGradient, v, g, vGradient, gGradient);
            System.arraycopy(vGradient, 0, weightGradient, 0, vGradient.length);
        }
    }),
    /** Sums once more for ∇g, over what it has written by then. */
    READS_WHAT_IT_WROTE("inPlaceEqualsOutOfPlace", new PlainGradients() {
        @Override
        void channel(Layer layer, int channel, float[] weightGradient, float[] v, float[] g, float[] vGradient, float[] gGradient) {
            super.channel(layer, channel, weightGradient, v, g, vGradient, gGradient);
            gGradient[channel] = (float) (products(layer, channel, weightGradient, v) / Math.sqrt(squares(layer, channel, v)));
        }
    }),
    RANGE_BEGINS_WITH_THE_FIRST_GAIN("rangesCoverTheLayer", new PlainGradients() {
        @Override
        public boolean gradientsRange(Layer layer, int fromChannel, int toChannel, float[] weightGradient, float[] v, float[] g,
                float[] vGradient, float[] gGradient) {
            float[] gains = g.clone();
            System.arraycopy(g, 0, gains, fromChannel, g.length - fromChannel);
            return super.gradientsRange(layer, fromChannel, toChannel, weightGradient, v, gains, vGradient, gGradient);
        }
    });

    /** The property that is there to find it; others may, too. */
    final String property;
    final PlainGradients kernel;

    PlantedGradientFault(String property, PlainGradients kernel) {
        this.property = property;
        this.kernel = kernel;
    }

    /** Right gradients of plain loops, all of it in double, in steps that a fault can replace. */
    static class PlainGradients implements GradientKernel {

        static final PlainKernel PLAIN = new PlainKernel();

        double squares(Layer layer, int channel, float[] v) {
            return PLAIN.sumOfSquares(layer, channel, v) + layer.epsilon();
        }

        double products(Layer layer, int channel, float[] weightGradient, float[] v) {
            double sum = 0;
            for (int i = 0; i < layer.size() / layer.channels(); i++) {
                int at = PLAIN.position(layer, channel, i);
                sum += (double) weightGradient[at] * v[at];
            }
            return sum;
        }

        double scale(float gain, double norm) {
            return gain / norm;
        }

        double projection(double products, double squares) {
            return products / squares;
        }

        double element(double weightGradient, double v, double scale, double projection) {
            return scale * (weightGradient - projection * v);
        }

        boolean isZero(double norm) {
            return norm == 0;
        }

        void channel(Layer layer, int channel, float[] weightGradient, float[] v, float[] g, float[] vGradient, float[] gGradient) {
            double squares = squares(layer, channel, v);
            double products = products(layer, channel, weightGradient, v);
            double norm = Math.sqrt(squares);
            double scale = scale(g[channel], norm);
            double projection = projection(products, squares);
            for (int i = 0; i < layer.size() / layer.channels(); i++) {
                int at = PLAIN.position(layer, channel, i);
                vGradient[at] = isZero(norm) ? 0 : (float) element(weightGradient[at], v[at], scale, projection);
            }
            gGradient[channel] = isZero(norm) ? 0 : (float) (products / norm);
        }

        @Override
        public void gradients(Layer layer, float[] weightGradient, float[] v, float[] g, float[] vGradient, float[] gGradient) {
            gradientsRange(layer, 0, layer.channels(), weightGradient, v, g, vGradient, gGradient);
        }

        @Override
        public boolean gradientsInPlace(Layer layer, float[] weightGradient, float[] v, float[] g, float[] gGradient) {
            gradientsRange(layer, 0, layer.channels(), weightGradient, v, g, weightGradient, gGradient);
            return true;
        }

        @Override
        public boolean gradientsRange(Layer layer, int fromChannel, int toChannel, float[] weightGradient, float[] v, float[] g,
                float[] vGradient, float[] gGradient) {
            for (int channel = fromChannel; channel < toChannel; channel++) {
                channel(layer, channel, weightGradient, v, g, vGradient, gGradient);
            }
            return true;
        }
    }
}
