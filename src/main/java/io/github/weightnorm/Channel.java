package io.github.weightnorm;

/**
 * What becomes of a channel's sum of squares: its norm, its factor {@code g/‖v‖}, and what is special about either. Both back ends
 * come here for every channel that is not plain, so special values are decided in this place alone.
 *
 * <p>A channel is <em>plain</em> when rounding its factor to float first, and multiplying in float then, is within the contract's
 * 1.5 ulp: when the factor rounds to a normal float, and the gain is so far from the largest float that two roundings upwards cannot
 * carry the result to infinity. Every other channel is scaled in double.
 */
final class Channel {

    /** The smallest and the largest magnitude of a plain factor. */
    static final float SMALLEST_FACTOR = Float.MIN_NORMAL;
    static final float LARGEST_FACTOR = Float.MAX_VALUE;
    /** The largest magnitude of a plain channel's gain. */
    static final float LARGEST_GAIN = 0x1p127f;

    private Channel() {}

    /** {@code √(Σv² + ε)}. */
    static double norm(double sumOfSquares, double epsilon) {
        return Math.sqrt(sumOfSquares + epsilon);
    }

    /** {@code g/‖v‖}, or 0 for a channel of zeros, whatever its gain. */
    static double factor(double norm, float gain) {
        return norm == 0 ? 0 : gain / norm;
    }

    /** The factor of a plain channel, and NaN for any other. */
    static float plainFactor(double norm, float gain) {
        float factor = (float) factor(norm, gain);
        float magnitude = Math.abs(factor);
        boolean plain = magnitude >= SMALLEST_FACTOR && magnitude <= LARGEST_FACTOR && Math.abs(gain) <= LARGEST_GAIN;
        return plain ? factor : Float.NaN;
    }

    /**
     * The nearest float, with one NaN for all: which sign and payload a NaN carries depends on the CPU and on the order in which
     * the compiler puts a product's operands.
     */
    static float toFloat(double value) {
        float nearest = (float) value;
        return nearest != nearest ? Float.NaN : nearest;
    }
}
