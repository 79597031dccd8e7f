package io.github.weightnorm;

import java.util.Arrays;

/**
 * Samples in four numbers. The minimum is what the code takes, where the neighbours left it alone; the median is what it takes usually;
 * between the two deciles lie four of five samples.
 */
record Summary(double minimum, double lowDecile, double median, double highDecile) {

    static Summary of(double[] samples) {
        if (samples.length == 0) {
            throw new IllegalArgumentException("samples: none (expected: at least one)");
        }
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return new Summary(sorted[0], quantile(sorted, 0.1), quantile(sorted, 0.5), quantile(sorted, 0.9));
    }

    /** The ratio of each sample to the one taken in the same round: what disturbs both alike drops out. */
    static Summary ofRatios(double[] numerators, double[] denominators) {
        if (numerators.length != denominators.length) {
            throw new IllegalArgumentException("denominators.length: " + denominators.length + " (expected: " + numerators.length + ")");
        }
        double[] ratios = new double[numerators.length];
        Arrays.setAll(ratios, i -> numerators[i] / denominators[i]);
        return of(ratios);
    }

    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
