package io.github.weightnorm.properties;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/**
 * A sum of squares of floats without any rounding: a fixed-point number, long enough for the smallest and the largest square (Kulisch's
 * accumulator).
 */
final class ExactSum {

    /** The last place has the value {@code 2^-298}, which is the square of {@link Float#MIN_VALUE}. */
    private static final int FRACTION_BITS = 298;
    private static final BigDecimal PLACES = new BigDecimal(BigInteger.ONE.shiftLeft(FRACTION_BITS));
    /** The bits that a root is taken of, for 100 bits of it: twice of what a double holds. */
    private static final int RADICAND_BITS = 200;

    /** 32 bits each; the rest of the long takes carries, for 2³¹ squares. */
    private final long[] words = new long[18];

    /** 0 until a term is not finite; then as IEEE arithmetic has it, infinity or NaN. */
    private double infinite;

    void addSquare(float x) {
        int bits = Float.floatToRawIntBits(x);
        int exponent = bits >>> 23 & 0xff;
        if (exponent == 0xff) {
            infinite += x * x;
            return;
        }
        long mantissa = bits & 0x7fffff;
        if (exponent == 0) {
            exponent = 1;
        } else {
            mantissa |= 0x800000;
        }
        long square = mantissa * mantissa;
        int place = 2 * (exponent - 1);
        int word = place >>> 5;
        int shift = place & 31;
        words[word] += square << shift & 0xffffffffL;
        words[word + 1] += square >>> 32 - shift & 0xffffffffL;
        if (shift > 0) {
            words[word + 2] += square >>> 64 - shift;
        }
    }

    /** {@code √(sum + ε)}, rounded to double. An ε that has bits below the last place is refused. */
    double norm(double epsilon) {
        if (infinite != 0) {
            return infinite;
        }
        BigInteger sum = sum();
        if (epsilon != 0) {
            sum = sum.add(new BigDecimal(epsilon).multiply(PLACES).toBigIntegerExact());
        }
        // An even shift, so that the root's places are whole ones; what falls off on the right is far below the root's last bit.
        int shift = RADICAND_BITS - sum.bitLength() & -2;
        double root = sum.shiftLeft(shift).sqrt().doubleValue();
        return Math.scalb(root, -(FRACTION_BITS + shift) / 2);
    }

    private BigInteger sum() {
        ByteBuffer bytes = ByteBuffer.allocate((words.length + 1) * Integer.BYTES);
        long carry = 0;
        for (int i = 0; i < words.length; i++) {
            carry += words[i];
            bytes.putInt((words.length - i) * Integer.BYTES, (int) carry);
            carry >>>= 32;
        }
        bytes.putInt(0, (int) carry);
        return new BigInteger(1, bytes.array());
    }
}
