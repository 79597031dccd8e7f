package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DataTypeTest {
    @ParameterizedTest
    @CsvSource({"F64, 64", "C64, 64", "I64, 64", "U64, 64", "F32, 32", "I32, 32", "U32, 32", "F16, 16", "BF16, 16", "I16, 16",
        "U16, 16", "I8, 8", "U8, 8", "BOOL, 8", "F8_E4M3, 8", "F8_E5M2, 8", "F8_E8M0, 8", "F8_E4M3FNUZ, 8", "F8_E5M2FNUZ, 8",
        "F6_E2M3, 6", "F6_E3M2, 6", "F4, 4"})
    void theFormatsNamesAndSizes(String name, int bits) {
        assertEquals(bits, DataType.named(name).orElseThrow().bits());
    }

    @Test
    void noOtherTypesAreKnown() {
        assertEquals(22, DataType.values().length);
        assertTrue(DataType.named("f32").isEmpty());
    }

    @Test
    void floatingPointTypesOfTwoBytesAndMoreAreFoldable() {
        EnumSet<DataType> foldable = EnumSet.allOf(DataType.class);
        foldable.removeIf(type -> !type.isFoldable());
        assertEquals(EnumSet.of(DataType.F64, DataType.F32, DataType.F16, DataType.BF16), foldable);
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void numbersOfEveryTypeSurviveTheWayThroughBytes(DataType type) {
        float[] values = {9, 0, -0f, 1, -1.5f, 0x1p-14f, 65280, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 9};
        ByteBuffer bytes = ByteBuffer.allocate(8 * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        type.encode(values, 1, 8, bytes);
        float[] read = new float[10];
        assertTrue(type.decode(bytes, read, 1, 8));
        assertArrayEquals(Arrays.copyOfRange(values, 1, 9), Arrays.copyOfRange(read, 1, 9));
        assertEquals(0, read[0]);
        assertEquals(0, read[9]);
    }

    @Test
    void bytesAreLittleEndian() {
        ByteBuffer bytes = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        DataType.BF16.encode(new float[] {1}, 0, 1, bytes);
        assertArrayEquals(new byte[] {(byte) 0x80, 0x3f}, bytes.array());
    }

    @Test
    void doublesAreNarrowedToTheNearestFloat() {
        assertEquals((float) Math.PI, decoded(Math.PI));
        assertEquals(Float.POSITIVE_INFINITY, decoded(Double.POSITIVE_INFINITY));
        assertEquals(Float.MAX_VALUE, decoded(Math.nextDown(0x1.ffffffp127)));
    }

    @Test
    void aFiniteDoubleBeyondFloatIsNotDecoded() {
        assertFalse(DataType.F64.decode(bytes(0x1.ffffffp127), new float[1], 0, 1));
        assertFalse(DataType.F64.decode(bytes(-1e300), new float[1], 0, 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void aValueOverflowsIfItIsNotFiniteInTheType(DataType type) {
        float[] values = {0, 1, 65519.996f, 65520, 3.3e38f, 0x1.fefffep127f, 0x1.ffp127f, Float.MAX_VALUE,
                Float.POSITIVE_INFINITY, Float.NaN};
        ByteBuffer bytes = ByteBuffer.allocate(type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            for (float signed : new float[] {value, -value}) {
                type.encode(new float[] {signed}, 0, 1, bytes);
                float[] read = new float[1];
                type.decode(bytes, read, 0, 1);
                assertEquals(!Float.isFinite(read[0]), type.overflows(signed), type + " " + signed);
            }
        }
    }

    private static float decoded(double value) {
        float[] read = new float[1];
        assertTrue(DataType.F64.decode(bytes(value), read, 0, 1));
        return read[0];
    }

    private static ByteBuffer bytes(double value) {
        return ByteBuffer.allocate(Double.BYTES).order(ByteOrder.LITTLE_ENDIAN).putDouble(0, value);
    }
}
