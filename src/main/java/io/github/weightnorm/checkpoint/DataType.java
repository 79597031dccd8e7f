package io.github.weightnorm.checkpoint;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;
import java.util.Optional;

/** The element types of the safetensors format, by their names there. */
public enum DataType {
    /** IEEE 754 double precision. */
    F64(64, Float.POSITIVE_INFINITY) {
        @Override
        boolean decode(ByteBuffer source, float[] target, int offset, int count) {
            DoubleBuffer doubles = source.asDoubleBuffer();
            double[] block = new double[Math.min(count, BLOCK)];
            boolean withinRange = true;
            for (int done = 0; done < count; done += block.length) {
                int length = Math.min(count - done, block.length);
                doubles.get(block, 0, length);
                for (int i = 0; i < length; i++) {
                    float narrowed = (float) block[i];
                    withinRange &= !Float.isInfinite(narrowed) || Double.isInfinite(block[i]);
                    target[offset + done + i] = narrowed;
                }
            }
            return withinRange;
        }

        @Override
        void encode(float[] source, int offset, int count, ByteBuffer target) {
            DoubleBuffer doubles = target.asDoubleBuffer();
            double[] block = new double[Math.min(count, BLOCK)];
            for (int done = 0; done < count; done += block.length) {
                int length = Math.min(count - done, block.length);
                for (int i = 0; i < length; i++) {
                    block[i] = source[offset + done + i];
                }
                doubles.put(block, 0, length);
            }
        }
    },
    /** IEEE 754 single precision. */
    F32(32, Float.POSITIVE_INFINITY) {
        @Override
        boolean decode(ByteBuffer source, float[] target, int offset, int count) {
            source.asFloatBuffer().get(target, offset, count);
            return true;
        }

        @Override
        void encode(float[] source, int offset, int count, ByteBuffer target) {
            target.asFloatBuffer().put(source, offset, count);
        }
    },
    /** IEEE 754 half precision. */
    F16(16, 65520) {
        @Override
        boolean decode(ByteBuffer source, float[] target, int offset, int count) {
            ShortBuffer halves = source.asShortBuffer();
            short[] block = new short[Math.min(count, BLOCK)];
            for (int done = 0; done < count; done += block.length) {
                int length = Math.min(count - done, block.length);
                halves.get(block, 0, length);
                HalfPrecision.fromFloat16(block, target, offset + done, length);
            }
            return true;
        }

        @Override
        void encode(float[] source, int offset, int count, ByteBuffer target) {
            ShortBuffer halves = target.asShortBuffer();
            short[] block = new short[Math.min(count, BLOCK)];
            for (int done = 0; done < count; done += block.length) {
                int length = Math.min(count - done, block.length);
                HalfPrecision.toFloat16(source, offset + done, block, length);
                halves.put(block, 0, length);
            }
        }
    },
    /** The upper half of single precision. */
    BF16(16, 0x1.FFp127f) {
        @Override
        boolean decode(ByteBuffer source, float[] target, int offset, int count) {
            ShortBuffer halves = source.asShortBuffer();
            short[] block = new short[Math.min(count, BLOCK)];
            for (int done = 0; done < count; done += block.length) {
                int length = Math.min(count - done, block.length);
                halves.get(block, 0, length);
                HalfPrecision.fromBfloat16(block, target, offset + done, length);
            }
            return true;
        }

        @Override
        void encode(float[] source, int offset, int count, ByteBuffer target) {
            ShortBuffer halves = target.asShortBuffer();
            short[] block = new short[Math.min(count, BLOCK)];
            for (int done = 0; done < count; done += block.length) {
                int length = Math.min(count - done, block.length);
                HalfPrecision.toBfloat16(source, offset + done, block, length);
                halves.put(block, 0, length);
            }
        }
    },
    /** Complex numbers of two single precision parts. */
    C64(64),
    /** Signed 64-bit integers. */
    I64(64),
    /** Unsigned 64-bit integers. */
    U64(64),
    /** Signed 32-bit integers. */
    I32(32),
    /** Unsigned 32-bit integers. */
    U32(32),
    /** Signed 16-bit integers. */
    I16(16),
    /** Unsigned 16-bit integers. */
    U16(16),
    /** Signed bytes. */
    I8(8),
    /** Unsigned bytes. */
    U8(8),
    /** Truth values, a byte each. */
    BOOL(8),
    /** Eight bits: 4 of exponent, 3 of significand. */
    F8_E4M3(8),
    /** Eight bits: 5 of exponent, 2 of significand. */
    F8_E5M2(8),
    /** Eight bits of exponent, the scales of the microscaling formats. */
    F8_E8M0(8),
    /** Like {@link #F8_E4M3} without infinities and negative zero. */
    F8_E4M3FNUZ(8),
    /** Like {@link #F8_E5M2} without infinities and negative zero. */
    F8_E5M2FNUZ(8),
    /** Six bits: 2 of exponent, 3 of significand. */
    F6_E2M3(6),
    /** Six bits: 3 of exponent, 2 of significand. */
    F6_E3M2(6),
    /** Four bits: 2 of exponent, 1 of significand. */
    F4(4);

    /** Elements are converted between arrays, where the compiler sees plain loops, and moved between array and buffer in one go. */
    private static final int BLOCK = 1024;

    private final int bits;
    private final float overflow;

    DataType(int bits) {
        this(bits, Float.NaN);
    }

    /** @param overflow the smallest magnitude that rounds to infinity in this type; NaN where floats cannot be stored in it */
    DataType(int bits, float overflow) {
        this.bits = bits;
        this.overflow = overflow;
    }

    /**
     * Returns the size of one element.
     *
     * @return the number of bits, which is less than 8 for some types
     */
    public int bits() {
        return bits;
    }

    /**
     * Tells whether weights of this type can be read as floats and folded.
     *
     * @return true for F64, F32, F16 and BF16
     */
    public boolean isFoldable() {
        return !Float.isNaN(overflow);
    }

    static Optional<DataType> named(String name) {
        for (DataType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    int bytes() {
        return bits / 8;
    }

    /** Whether the value is NaN, infinite, or would become infinite in this type. */
    boolean overflows(float value) {
        return !(Math.abs(value) < overflow);
    }

    /**
     * Reads {@code count} elements from the little-endian {@code source}, whose position stays.
     *
     * @return false where a finite element is beyond the range of float
     */
    boolean decode(ByteBuffer source, float[] target, int offset, int count) {
        throw new UnsupportedOperationException(name());
    }

    /** Writes {@code count} elements to the little-endian {@code target}, whose position stays. */
    void encode(float[] source, int offset, int count, ByteBuffer target) {
        throw new UnsupportedOperationException(name());
    }
}
