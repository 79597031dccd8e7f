package io.github.weightnorm.checkpoint;

/**
 * Conversions between float and the two 16-bit formats, rounding to nearest even.
 *
 * <p>{@code Float.float16ToFloat} and its inverse exist from Java 20 on; this library also runs on 17.
 */
final class HalfPrecision {
    private static final int INFINITY = 0x7f80_0000;

    private HalfPrecision() {}

    /** IEEE 754 binary16: 1 sign, 5 exponent and 10 significand bits. */
    static float fromFloat16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int magnitude = (bits & 0x7fff) << 13;
        if (magnitude >= 0x7c00 << 13) {
            return Float.intBitsToFloat(sign | INFINITY | magnitude);
        }
        // The exponents are biased by 127 and 15: as a float, the bits stand for a number 2^112 too small. The product is exact,
        // and turns subnormal halves into normal floats on the way.
        float value = Float.intBitsToFloat(magnitude) * 0x1p112f;
        return sign == 0 ? value : -value;
    }

    static short toFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fff_ffff;
        int half;
        if (magnitude > INFINITY) {
            half = 0x7e00 | magnitude >>> 13 & 0x3ff; // a quiet NaN with the upper bits of the payload
        } else if (magnitude >= Float.floatToRawIntBits(0x1p16f)) {
            half = 0x7c00;
        } else if (magnitude < Float.floatToRawIntBits(0x1p-14f)) {
            // Half's subnormals are the multiples of 2^-24, which is the spacing of the floats from 0.5 on: the addition rounds.
            half = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - Float.floatToRawIntBits(0.5f);
        } else {
            // Below 2^16 a carry out of the significand goes where it belongs, into the exponent: 65520 becomes infinity.
            int odd = magnitude >>> 13 & 1;
            half = magnitude - (112 << 23) + 0xfff + odd >>> 13;
        }
        return (short) (sign | half);
    }

    /** bfloat16: the upper half of a float. */
    static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fff_ffff) > INFINITY) {
            return (short) (bits >>> 16 | 0x40); // quiet, lest a payload in the lower half alone turn into infinity
        }
        int odd = bits >>> 16 & 1;
        return (short) (bits + 0x7fff + odd >>> 16);
    }
}
