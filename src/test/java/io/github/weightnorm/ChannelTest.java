package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Where plain channels end: at the smallest and the largest normal factor, and at the largest gain, all of them plain. */
class ChannelTest {

    @Test
    void theSmallestNormalFactorIsPlain() {
        assertEquals(Float.MIN_NORMAL, Channel.plainFactor(0x1p126, 1));
        assertEquals(-Float.MIN_NORMAL, Channel.plainFactor(0x1p126, -1));
        assertEquals(Float.NaN, Channel.plainFactor(0x1p126, 1 - 0x1p-22f));
    }

    @Test
    void theLargestFactorIsPlain() {
        assertEquals(Float.MAX_VALUE, Channel.plainFactor(0x1p-2, Float.MAX_VALUE / 4));
        assertEquals(Float.NaN, Channel.plainFactor(0x1p-2, 0x1p126f));
    }

    @Test
    void theLargestGainIsPlain() {
        assertEquals(0x1p127f, Channel.plainFactor(1, 0x1p127f));
        assertEquals(Float.NaN, Channel.plainFactor(1, Math.nextUp(0x1p127f)));
    }

    @Test
    void aChannelOfZerosHasNoPlainFactor() {
        assertEquals(Float.NaN, Channel.plainFactor(0, 1));
        assertEquals(0, Channel.factor(0, Float.NaN));
    }
}
