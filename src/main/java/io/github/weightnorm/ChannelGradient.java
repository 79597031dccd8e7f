package io.github.weightnorm;

/**
 * What becomes of a channel's two sums, {@code Σv²} and {@code Σ∇w·v}: its {@code ∇g}, and the two coefficients of
 * {@code ∇v = scale·(∇w − projection·v)}. Both back ends come here for every channel, so special values are decided in this place
 * alone.
 *
 * <p>From {@code ‖v‖ = √(Σv² + ε)} follows {@code ∂‖v‖/∂v = v/‖v‖}, whatever ε is; hence {@code ∇g = Σ∇w·v/‖v‖},
 * {@code scale = g/‖v‖} and {@code projection = Σ∇w·v/(Σv² + ε)}.
 *
 * <p>A channel is <em>plain</em> when its coefficients may be rounded to float first, and {@code ∇v} computed in float then: when the
 * scale is plain ({@link Channel}), the projection rounds to a normal float or is 0, and {@code |∇g|}, which bounds each element of
 * {@code projection·v}, is neither so small that its products lose bits to underflow nor so large that they could carry a
 * difference to infinity. Every other channel is computed in double.
 */
final class ChannelGradient {

    /** In place of the coefficients of a channel that is not plain. */
    static final long NOT_PLAIN = pack(Float.NaN, Float.NaN);
    /** Half an ulp of the largest float is 2^103: a difference with less than that cannot overflow. */
    private static final double LARGEST_PART = 0x1p102;
    /** Products that underflow are then off by less than 2^-50 of it. */
    private static final double SMALLEST_PART = 0x1p-100;

    private ChannelGradient() {}

    /**
     * Writes {@code ∇g} of a plain channel and returns its two coefficients; or {@link #NOT_PLAIN}, with nothing written. Two floats
     * in a long, because Java returns one value, and an object for two would have to be allocated.
     */
    static long coefficients(double squares, double products, double epsilon, float gain, float[] dg, int dgAt) {
        double norm = Channel.norm(squares, epsilon);
        float scale = Channel.plainFactor(norm, gain);
        double part = products / norm;
        float projection = (float) (products / (squares + epsilon));
        // NaN passes neither comparison.
        double magnitude = Math.abs(part);
        boolean plain = scale == scale && (products == 0
                || magnitude >= SMALLEST_PART && magnitude <= LARGEST_PART && Math.abs(projection) >= Channel.SMALLEST_FACTOR
                        && Math.abs(projection) <= Channel.LARGEST_FACTOR);
        if (!plain) {
            return NOT_PLAIN;
        }
        dg[dgAt] = (float) part;
        return pack(scale, projection);
    }

    /** {@code g/‖v‖}, or NaN. */
    static float scale(long coefficients) {
        return Float.intBitsToFloat((int) (coefficients >> 32));
    }

    /** {@code Σ∇w·v/‖v‖²}, or NaN. */
    static float projection(long coefficients) {
        return Float.intBitsToFloat((int) coefficients);
    }

    private static long pack(float scale, float projection) {
        return (long) Float.floatToRawIntBits(scale) << 32 | Float.floatToRawIntBits(projection) & 0xffffffffL;
    }

    /** {@code ∇g} of any channel, and 0 for one of zeros. */
    static float ofGain(double norm, double products) {
        return norm == 0 ? 0 : Channel.toFloat(products / norm);
    }

    /** One element of any channel's {@code ∇v}. */
    static float ofElement(float dw, float v, double scale, double projection) {
        return Channel.toFloat(scale * (dw - projection * v));
    }
}
