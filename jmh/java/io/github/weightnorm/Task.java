package io.github.weightnorm;

import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.Reference;
import java.util.Arrays;

/**
 * One layer with its numbers, the same in every JVM, and what is true of them.
 *
 * @param layer the layer
 * @param v the directions, not to be written to
 * @param g the gains, likewise
 * @param weightGradient the gradient that arrives at w, likewise
 */
record Task(WeightNorm layer, float[] v, float[] g, float[] weightGradient) {

    /** How far a result may be from the truth, relative to the largest element of its row. Room for sums in float, none for a fault. */
    private static final double TOLERANCE = 1e-5;

    /** A layer with numbers around 1, for one kernel: no other than the gradients' has a gradient. */
    static Task of(WeightNorm layer, Kernel kernel) {
        boolean gradients = kernel == Kernel.GRADIENTS || kernel == Kernel.GRADIENTS_IN_PLACE;
        Task task = new Task(layer, Samples.floats(layer.size(), 1, 2), Samples.floats(layer.channelCount(), 2, 2),
                gradients ? Samples.floats(layer.size(), 3, 2) : new float[0]);
        if (kernel == Kernel.GRADIENTS_IN_PLACE) {
            double[] norms = task.truth(Kernel.NORMS)[0];
            for (int channel = 0; channel < norms.length; channel++) {
                task.g[channel] = (float) norms[channel];
            }
        }
        return task;
    }

    /** A layer from {@code 256x256x3:0}: the shape, and the kept axis behind the colon; without one, 0. */
    static WeightNorm layer(String text) {
        String[] parts = text.split(":", -1);
        try {
            int[] shape = Arrays.stream(parts[0].split("x", -1)).mapToInt(Integer::parseInt).toArray();
            return WeightNorm.of(shape, parts.length == 1 ? 0 : Integer.parseInt(parts[1]));
        } catch (NumberFormatException broken) {
            throw new IllegalArgumentException("shape: " + text + " (expected: sizes and the kept axis, such as 256x256x3:0)", broken);
        }
    }

    /** Fails unless what the call computed last is near the truth: {@link #truth}, which takes longer to find than a result. */
    void check(Implementation implementation, Kernel kernel, Implementation.Call call, double[][] truth) {
        // Also where its results are right: they may be those of a back end that was not asked for.
        String what = implementation.name() + " (" + implementation.description() + "), " + kernel;
        float[][] results = call.results();
        for (int i = 0; i < results.length; i++) {
            check(what + "[" + i + "] of " + layer, truth[i], results[i]);
        }
    }

    private void check(String what, double[] truth, float[] actual) {
        int[] rows = truth.length == v.length ? channels() : new int[truth.length];
        double[] largest = new double[g.length];
        for (int i = 0; i < truth.length; i++) {
            largest[rows[i]] = Math.max(largest[rows[i]], Math.abs(truth[i]));
        }
        for (int i = 0; i < truth.length; i++) {
            if (!(Math.abs(actual[i] - truth[i]) <= TOLERANCE * largest[rows[i]])) {
                throw new IllegalStateException(what + ": element " + i + " is " + actual[i] + " (expected: " + truth[i] + ")");
            }
        }
    }

    private int[] channels() {
        return Reference.channels(layer.shape(), layer.keptAxis() < 0 ? Layer.WHOLE : layer.keptAxis());
    }

    /** The true results of a kernel, in the order that {@link Kernel} states. */
    double[][] truth(Kernel kernel) {
        int[] channels = channels();
        double[] norms = Reference.norms(v, channels, g.length, layer.epsilon);
        float[] ones = new float[g.length];
        Arrays.fill(ones, 1);
        return switch (kernel) {
            case NORMS -> new double[][] {norms};
            case SCALES -> new double[][] {Reference.scales(g, norms)};
            case DIRECTIONS -> new double[][] {Reference.weights(v, ones, norms, channels)};
            case RECONSTRUCT, IN_PLACE -> new double[][] {Reference.weights(v, g, norms, channels)};
            case DECOMPOSE -> {
                double[] copy = new double[v.length];
                Arrays.setAll(copy, i -> v[i]);
                yield new double[][] {norms, copy};
            }
            case GRADIENTS, GRADIENTS_IN_PLACE -> gradients(channels, norms);
        };
    }

    /** The paper's equation 3. */
    private double[][] gradients(int[] channels, double[] norms) {
        double[] gGradient = new double[g.length];
        for (int i = 0; i < v.length; i++) {
            gGradient[channels[i]] += (double) weightGradient[i] * v[i] / norms[channels[i]];
        }
        double[] vGradient = new double[v.length];
        for (int i = 0; i < v.length; i++) {
            int c = channels[i];
            vGradient[i] = g[c] / norms[c] * (weightGradient[i] - gGradient[c] * v[i] / norms[c]);
        }
        return new double[][] {vGradient, gGradient};
    }
}
