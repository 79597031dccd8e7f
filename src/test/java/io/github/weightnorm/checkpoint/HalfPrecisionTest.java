package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.junit.jupiter.api.Test;

class HalfPrecisionTest {
    private static final int FLOAT16_INFINITY = 0x7c00;
    private static final int BFLOAT16_INFINITY = 0x7f80;

    @Test
    void everyFloat16PatternHasTheValueThatTheStandardGives() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits >> 10 & 31;
            int significand = bits & 1023;
            double magnitude = exponent == 0 ? Math.scalb((double) significand, -24)
                    : exponent < 31 ? Math.scalb(1024.0 + significand, exponent - 25)
                    : significand == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            double expected = bits < 0x8000 ? magnitude : -magnitude;
            assertEquals(expected, HalfPrecision.fromFloat16((short) bits), Integer.toHexString(bits));
        }
    }

    @Test
    void everyFloat16SurvivesTheWayToFloatAndBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            boolean nan = (bits & 0x7fff) > FLOAT16_INFINITY;
            int expected = nan ? bits | 0x200 : bits;
            assertEquals((short) expected, HalfPrecision.toFloat16(HalfPrecision.fromFloat16((short) bits)),
                    Integer.toHexString(bits));
        }
    }

    @Test
    void everyBfloat16SurvivesTheWayToFloatAndBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            boolean nan = (bits & 0x7fff) > BFLOAT16_INFINITY;
            int expected = nan ? bits | 0x40 : bits;
            assertEquals((short) expected, HalfPrecision.toBfloat16(HalfPrecision.fromBfloat16((short) bits)),
                    Integer.toHexString(bits));
        }
    }

    @Test
    void aTieBetweenTwoFloat16GoesToTheEvenOneAndItsNeighboursToTheNearest() {
        for (int lower = 0; lower < FLOAT16_INFINITY; lower++) {
            float below = HalfPrecision.fromFloat16((short) lower);
            float above = lower + 1 == FLOAT16_INFINITY ? 0x1p16f : HalfPrecision.fromFloat16((short) (lower + 1));
            float middle = (below + above) / 2; // exact: a float has 13 bits more
            int even = lower + (lower & 1);
            assertEquals(even, HalfPrecision.toFloat16(middle), "tie above " + below);
            assertEquals(lower, HalfPrecision.toFloat16(Math.nextDown(middle)), "below the tie above " + below);
            assertEquals(lower + 1, HalfPrecision.toFloat16(Math.nextUp(middle)), "above the tie above " + below);
            assertEquals((short) (even | 0x8000), HalfPrecision.toFloat16(-middle), "negative tie below " + -below);
        }
    }

    @Test
    void aTieBetweenTwoBfloat16GoesToTheEvenOneAndItsNeighboursToTheNearest() {
        for (int lower = 0; lower < BFLOAT16_INFINITY; lower++) {
            float middle = Float.intBitsToFloat(lower << 16 | 0x8000);
            int even = lower + (lower & 1);
            assertEquals(even, HalfPrecision.toBfloat16(middle), "tie above pattern " + lower);
            assertEquals(lower, HalfPrecision.toBfloat16(Math.nextDown(middle)), "below the tie above pattern " + lower);
            assertEquals(lower + 1, HalfPrecision.toBfloat16(Math.nextUp(middle)), "above the tie above pattern " + lower);
            assertEquals((short) (even | 0x8000), HalfPrecision.toBfloat16(-middle), "negative tie at pattern " + lower);
        }
    }

    @Test
    void whatIsBeyondTheRangeBecomesInfinity() {
        assertEquals(0x7bff, HalfPrecision.toFloat16(Math.nextDown(65520f)));
        for (float large : new float[] {65520, 65536, 1e30f, Float.MAX_VALUE, Float.POSITIVE_INFINITY}) {
            assertEquals(FLOAT16_INFINITY, HalfPrecision.toFloat16(large));
            assertEquals((short) (FLOAT16_INFINITY | 0x8000), HalfPrecision.toFloat16(-large));
        }
        assertEquals(BFLOAT16_INFINITY, HalfPrecision.toBfloat16(Float.MAX_VALUE));
        assertEquals(BFLOAT16_INFINITY, HalfPrecision.toBfloat16(Float.POSITIVE_INFINITY));
    }

    @Test
    void aNanWhosePayloadIsInTheLowerHalfStaysOne() {
        float nan = Float.intBitsToFloat(0x7f80_0001);
        assertTrue(Float.isNaN(HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(nan))));
        assertTrue(Float.isNaN(HalfPrecision.fromFloat16(HalfPrecision.toFloat16(nan))));
    }

    @Test
    void arraysAreConvertedAsSingleNumbersAre() {
        short[] halves = new short[1 << 16];
        float[] float16 = new float[halves.length + 1];
        float[] bfloat16 = new float[halves.length + 1];
        for (int bits = 0; bits < halves.length; bits++) {
            halves[bits] = (short) bits;
        }
        HalfPrecision.fromFloat16(halves, float16, 1, halves.length);
        HalfPrecision.fromBfloat16(halves, bfloat16, 1, halves.length);
        for (int i = 0; i < halves.length; i++) {
            assertEquals(HalfPrecision.fromFloat16(halves[i]), float16[i + 1]);
            assertEquals(HalfPrecision.fromBfloat16(halves[i]), bfloat16[i + 1]);
            // Ties, and neighbours of what a half holds, for the way back.
            float16[i + 1] += Math.ulp(float16[i + 1]) * (i % 3 - 1) + Math.ulp(float16[i + 1]) * 0x1p12f * (i % 2);
            bfloat16[i + 1] += Math.ulp(bfloat16[i + 1]) * (i % 3 - 1) + Math.ulp(bfloat16[i + 1]) * 0x1p15f * (i % 2);
        }
        short[] back = new short[halves.length];
        HalfPrecision.toFloat16(float16, 1, back, back.length);
        for (int i = 0; i < back.length; i++) {
            if (!Float.isNaN(float16[i + 1])) {
                assertEquals(HalfPrecision.toFloat16(float16[i + 1]), back[i]);
            }
        }
        HalfPrecision.toBfloat16(bfloat16, 1, back, back.length);
        for (int i = 0; i < back.length; i++) {
            assertEquals(HalfPrecision.toBfloat16(bfloat16[i + 1]), back[i]);
        }
    }

    @Test
    void aNanIsTheSameHalfOnEveryJdk() {
        short[] half = new short[1];
        HalfPrecision.toFloat16(new float[] {Float.NaN}, 0, half, 1);
        assertEquals(0x7e00, half[0]);
        assertEquals(0x7e00, HalfPrecision.toFloat16(Float.NaN));
    }

    @Test
    void float16AgreesWithTheJdkWhereThatHasTheConversion() throws Throwable {
        assumeTrue(Runtime.version().feature() >= 20);
        MethodHandle toHalf = MethodHandles.lookup()
                .findStatic(Float.class, "floatToFloat16", MethodType.methodType(short.class, float.class));
        MethodHandle fromHalf = MethodHandles.lookup()
                .findStatic(Float.class, "float16ToFloat", MethodType.methodType(float.class, short.class));
        for (int bits = 0; bits < 1 << 16; bits++) {
            assertEquals((float) fromHalf.invokeExact((short) bits), HalfPrecision.fromFloat16((short) bits));
        }
        int stride = 1009; // a prime, so that the lower bits take all values
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += stride) {
            float value = Float.intBitsToFloat((int) bits);
            if (!Float.isNaN(value)) {
                assertEquals((short) toHalf.invokeExact(value), HalfPrecision.toFloat16(value), () -> "float " + value);
            }
        }
    }
}
