package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Statistics of a batch, and what initialisation makes of it. */
class BatchStatisticsTest {

    @Test
    void ofNumbersByHand() {
        BatchStatistics features = BatchStatistics.of(new float[] {1, 10, 3, 10, 5, 40}, 3, 2);
        assertEquals(2, features.channels());
        assertEquals(3, features.mean(0));
        assertEquals(Math.sqrt(8 / 3.0), features.standardDeviation(0), 1e-15);
        assertEquals(20, features.mean(1));
        assertEquals(Math.sqrt(200), features.standardDeviation(1), 1e-14);
        // Two samples of two channels with three positions.
        BatchStatistics positions = BatchStatistics.of(new float[] {1, 2, 3, 0, 0, 0, 4, 5, 9, 6, 6, 6}, 2, 2, 3);
        assertEquals(4, positions.mean(0));
        assertEquals(Math.sqrt((9 + 4 + 1 + 0 + 1 + 25) / 6.0), positions.standardDeviation(0), 1e-15);
        assertEquals(3, positions.mean(1));
        assertEquals(3, positions.standardDeviation(1));
    }

    /** A mean that is a million standard deviations away: the textbook's {@code E(t²) − μ²} has no digit left in double. */
    @Test
    void aMeanFarAwayCostsNoDigits() {
        float[] t = new float[1000];
        for (int i = 0; i < t.length; i++) {
            t[i] = 1e7f + i % 2;
        }
        BatchStatistics statistics = BatchStatistics.of(t, t.length, 1);
        assertEquals(1e7 + 0.5, statistics.mean(0));
        assertEquals(0.5, statistics.standardDeviation(0));
    }

    /** The whole layer, once more with the new parameters: {@code (g'/g)·(t − b) + b'}. */
    @ParameterizedTest
    @CsvSource({"2, 3, 1", "64, 16, 1", "8, 20, 31", "1, 5, 400", "16, 1, 9"})
    void afterwardsTheBatchHasMean0AndVariance1(int batch, int channels, int time) {
        Random random = new Random(7);
        float[] g = new float[channels];
        float[] bias = new float[channels];
        for (int c = 0; c < channels; c++) {
            g[c] = 0.5f + random.nextFloat();
            bias[c] = random.nextFloat() * 6 - 3;
        }
        float[] product = new float[batch * channels * time];
        for (int i = 0; i < product.length; i++) {
            int c = i / time % channels;
            product[i] = (float) (random.nextGaussian() * (c + 1) + c * 10);
        }
        BatchStatistics.of(layer(product, g, bias, time), batch, channels, time).initialize(g, bias);
        BatchStatistics after = BatchStatistics.of(layer(product, g, bias, time), batch, channels, time);
        for (int c = 0; c < channels; c++) {
            assertEquals(0, after.mean(c), 1e-5);
            assertEquals(1, after.standardDeviation(c) * after.standardDeviation(c), 1e-5);
        }
    }

    private static float[] layer(float[] product, float[] g, float[] bias, int time) {
        float[] t = new float[product.length];
        for (int i = 0; i < t.length; i++) {
            int c = i / time % g.length;
            t[i] = g[c] * product[i] + bias[c];
        }
        return t;
    }

    @Test
    void aChannelWithoutVarianceIsNamed() {
        float[] g = {1, 1, 1};
        float[] bias = {0, 0, 0};
        // Every multiple of a float up to some hundred million is exact in double, and so is its mean.
        BatchStatistics statistics = BatchStatistics.of(new float[] {1, 5, 0.1f, 2, 6, 0.1f, 3, 7, 0.1f}, 3, 3);
        assertEquals(0, statistics.standardDeviation(2));
        String message = assertThrows(IllegalStateException.class, () -> statistics.initialize(g, bias)).getMessage();
        assertEquals("standard deviation of channel 2: 0.0 (expected: finite and > 0)", message);
        assertArrayEquals(new float[] {1, 1, 1}, g);
        assertArrayEquals(new float[] {0, 0, 0}, bias);
    }

    @Test
    void soIsOneThatIsNotFinite() {
        for (float special : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            BatchStatistics statistics = BatchStatistics.of(new float[] {1, special, 2, 1}, 2, 2);
            float[] g = {1, 1};
            String message = assertThrows(IllegalStateException.class, () -> statistics.initialize(g, new float[2])).getMessage();
            assertTrue(message.startsWith("standard deviation of channel 1: NaN"), message);
            assertArrayEquals(new float[] {1, 1}, g);
        }
        BatchStatistics tiny = BatchStatistics.of(new float[] {0, Float.MIN_VALUE}, 2, 1);
        String message = assertThrows(IllegalStateException.class, () -> tiny.initialize(new float[] {1}, new float[1])).getMessage();
        assertEquals("new gain of channel 0: Infinity (expected: finite)", message);
        BatchStatistics far = BatchStatistics.of(new float[] {-1e30f, -1e30f + 1e24f}, 2, 1);
        message = assertThrows(IllegalStateException.class, () -> far.initialize(new float[] {1}, new float[] {Float.NaN})).getMessage();
        assertEquals("new bias of channel 0: NaN (expected: finite)", message);
    }

    @Test
    void argumentsAreChecked() {
        float[] six = new float[6];
        assertEquals("batch: 0 (expected: > 0)", refused(() -> BatchStatistics.of(six, 0, 2)));
        assertEquals("features: -1 (expected: > 0)", refused(() -> BatchStatistics.of(six, 3, -1)));
        assertEquals("channels: 0 (expected: > 0)", refused(() -> BatchStatistics.of(six, 3, 0, 2)));
        assertEquals("time: 0 (expected: > 0)", refused(() -> BatchStatistics.of(six, 3, 2, 0)));
        assertEquals("preactivations.length: 6 (expected: 8)", refused(() -> BatchStatistics.of(six, 2, 4)));
        BatchStatistics statistics = BatchStatistics.of(new float[] {1, 2, 3, 5}, 2, 2);
        assertEquals("g.length: 3 (expected: 2)", refused(() -> statistics.initialize(new float[3], new float[2])));
        assertEquals("bias.length: 1 (expected: 2)", refused(() -> statistics.initialize(new float[2], new float[1])));
        float[] both = {1, 1};
        assertTrue(refused(() -> statistics.initialize(both, both)).startsWith("biasOffset: 0"));
        assertThrows(IndexOutOfBoundsException.class, () -> statistics.mean(2));
        assertThrows(IndexOutOfBoundsException.class, () -> statistics.standardDeviation(-1));
    }

    private static String refused(Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }
}
