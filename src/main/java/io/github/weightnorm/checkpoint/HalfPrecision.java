package io.github.weightnorm.checkpoint;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Conversions between float and the two 16-bit formats, rounding to nearest even.
 *
 * <p>{@code Float.float16ToFloat} and its inverse exist from Java 20 on, where one instruction of the CPU converts many numbers: over
 * arrays that is twenty times as fast. This library also runs on 17.
 */
final class HalfPrecision {
    private static final int INFINITY = 0x7f80_0000;
    private static final int HALF_OF_ONE = Float.floatToRawIntBits(0.5f);
    /** The smallest float that is a normal binary16, and the smallest power of two that is beyond them. */
    private static final int FLOAT16_NORMAL = Float.floatToRawIntBits(0x1p-14f);
    private static final int FLOAT16_BEYOND = Float.floatToRawIntBits(0x1p16f);

    // Constants to the compiler, which therefore sees the methods themselves.
    private static final MethodHandle TO_FLOAT = ofTheJdk("float16ToFloat", float.class, short.class);
    private static final MethodHandle TO_FLOAT16 = ofTheJdk("floatToFloat16", short.class, float.class);

    private HalfPrecision() {}

    /** A static method of Float, or null where this JDK has none of the name. */
    private static MethodHandle ofTheJdk(String name, Class<?> result, Class<?> argument) {
        try {
            return MethodHandles.lookup().findStatic(Float.class, name, MethodType.methodType(result, argument));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }

    /** Reads {@code count} halves from the beginning of an array. */
    static void fromFloat16(short[] halves, float[] floats, int offset, int count) {
        if (TO_FLOAT == null) {
            for (int i = 0; i < count; i++) {
                floats[offset + i] = fromFloat16(halves[i]);
            }
            return;
        }
        try {
            for (int i = 0; i < count; i++) {
                floats[offset + i] = (float) TO_FLOAT.invokeExact(halves[i]);
            }
        } catch (Throwable e) {
            throw new AssertionError(e); // the method throws nothing
        }
    }

    /** Writes {@code count} halves to the beginning of an array. */
    static void toFloat16(float[] floats, int offset, short[] halves, int count) {
        if (TO_FLOAT16 == null) {
            for (int i = 0; i < count; i++) {
                halves[i] = toFloat16(floats[offset + i]);
            }
            return;
        }
        try {
            for (int i = 0; i < count; i++) {
                halves[i] = (short) TO_FLOAT16.invokeExact(floats[offset + i]);
            }
        } catch (Throwable e) {
            throw new AssertionError(e); // the method throws nothing
        }
    }

    /** Reads {@code count} halves from the beginning of an array. */
    static void fromBfloat16(short[] halves, float[] floats, int offset, int count) {
        for (int i = 0; i < count; i++) {
            floats[offset + i] = fromBfloat16(halves[i]);
        }
    }

    /** Writes {@code count} halves to the beginning of an array. */
    static void toBfloat16(float[] floats, int offset, short[] halves, int count) {
        for (int i = 0; i < count; i++) {
            halves[i] = toBfloat16(floats[offset + i]);
        }
    }

    /** IEEE 754 binary16: 1 sign, 5 exponent and 10 significand bits. */
    static float fromFloat16(short bits) {
        int magnitude = (bits & 0x7fff) << 13;
        // The exponents are biased by 127 and 15: as a float, the bits stand for a number 2^112 too small. The product is exact,
        // and turns subnormal halves into normal floats on the way.
        int value = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) * 0x1p112f);
        int infinite = (0x7bff << 13) - magnitude >> 31 & INFINITY; // the largest exponent stands for infinity and NaN
        return Float.intBitsToFloat(value | infinite | (bits & 0x8000) << 16);
    }

    static short toFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int magnitude = bits & 0x7fff_ffff;
        // Below 2^16 a carry out of the significand goes where it belongs, into the exponent: 65520 becomes infinity.
        int odd = magnitude >>> 13 & 1;
        int half = magnitude - (112 << 23) + 0xfff + odd >> 13;
        if (magnitude < FLOAT16_NORMAL) {
            // Half's subnormals are the multiples of 2^-24, which is the spacing of the floats from 0.5 on: the addition rounds.
            half = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - HALF_OF_ONE;
        }
        if (magnitude >= FLOAT16_BEYOND) {
            half = magnitude > INFINITY ? 0x7e00 | magnitude >>> 13 & 0x3ff : 0x7c00; // a NaN keeps the upper bits of its payload
        }
        return (short) (bits >>> 16 & 0x8000 | half);
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
