package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many layers on many threads give the bits of one layer after the other on one. */
@Timeout(120)
class ParallelFoldTest {

    private final ExecutorService pool = Executors.newFixedThreadPool(7);

    @AfterEach
    void endThreads() {
        pool.shutdownNow();
    }

    /** Layers whose arrays lie behind each other in three large ones, as in an engine with an arena. */
    private static final class Model {
        final List<WeightNorm> layers;
        final float[] v;
        final float[] g;
        final float[] w;

        Model(List<WeightNorm> layers) {
            this.layers = layers;
            int size = layers.stream().mapToInt(WeightNorm::size).sum();
            v = Samples.floats(size, size, 20);
            g = Samples.floats(layers.stream().mapToInt(WeightNorm::channelCount).sum(), 3, 20);
            w = new float[size];
        }

        interface Visit {
            void of(WeightNorm layer, int offset, int gOffset);
        }

        void forEach(Visit visit) {
            int offset = 0;
            int gOffset = 0;
            for (WeightNorm layer : layers) {
                visit.of(layer, offset, gOffset);
                offset += layer.size();
                gOffset += layer.channelCount();
            }
        }

        ParallelFold into(float[] result) {
            ParallelFold fold = new ParallelFold();
            forEach((layer, at, gAt) -> fold.add(layer, v, at, g, gAt, result, at));
            return fold;
        }

        float[] oneByOne() {
            float[] result = new float[w.length];
            forEach((layer, at, gAt) -> layer.reconstruct(v, at, g, gAt, result, at));
            return result;
        }
    }

    private static List<WeightNorm> manyLayers() {
        List<WeightNorm> layers = new ArrayList<>(Samples.allLengths());
        layers.add(WeightNorm.conv1d(1000, 80, 7));
        // Ranges of these meet in one cache line: rows of 7, and columns.
        layers.add(WeightNorm.conv1d(40_001, 1, 7));
        layers.add(WeightNorm.of(new int[] {301, 1001}, 1));
        layers.add(WeightNorm.of(new int[] {30, 50, 129}, 2));
        layers.add(WeightNorm.of(new int[] {10, 301, 100}, 1));
        layers.add(WeightNorm.of(new int[] {3, 70_000}, 0));
        layers.add(WeightNorm.whole(300_001));
        layers.add(WeightNorm.linear(70_000, 1).epsilon(0.5));
        return layers;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void theSameBitsOnAnyNumberOfThreads(int threads) throws InterruptedException {
        Model model = new Model(manyLayers());
        float[] expected = model.oneByOne();
        ParallelFold fold = model.into(model.w);
        for (int round = 0; round < 10; round++) {
            Arrays.fill(model.w, Float.NaN);
            fold.run(pool, threads);
            assertSameBits(expected, model.w);
        }
    }

    @Test
    void theSameBitsInPlace() throws InterruptedException {
        Model model = new Model(manyLayers());
        float[] expected = model.oneByOne();
        model.into(model.v).run(pool, 8);
        assertSameBits(expected, model.v);
    }

    @Test
    void manyFoldsAtOnceLeaveEachOtherAlone() throws Exception {
        Model model = new Model(manyLayers());
        float[] expected = model.oneByOne();
        List<Future<float[]>> results = new ArrayList<>();
        // Each of them is run by a thread of the pool that is to help it: those that wait for help must not be waited for.
        for (int i = 0; i < 16; i++) {
            results.add(pool.submit(() -> {
                float[] result = new float[expected.length];
                model.into(result).run(pool, 4);
                return result;
            }));
        }
        for (Future<float[]> result : results) {
            assertSameBits(expected, result.get());
        }
    }

    @Test
    void anExecutorMayRunATaskAtOnceOrNever() throws InterruptedException {
        Model model = new Model(manyLayers());
        float[] expected = model.oneByOne();
        model.into(model.w).run(Runnable::run, 8);
        assertSameBits(expected, model.w);

        Arrays.fill(model.w, Float.NaN);
        List<Runnable> kept = new ArrayList<>();
        model.into(model.w).run(kept::add, 8);
        assertSameBits(expected, model.w);
        assertEquals(7, kept.size());
        Arrays.fill(model.w, 1);
        kept.forEach(Runnable::run);
        for (float element : model.w) {
            assertEquals(1, element, "what comes too late does nothing");
        }
    }

    @Test
    void oneThreadIsTheCallersOwn() throws InterruptedException {
        float[] w = {3, 4};
        new ParallelFold().add(WeightNorm.linear(1, 2), w, new float[] {10}, w).run(task -> {
            throw new AssertionError("asked for help");
        }, 1);
        assertArrayEquals(new float[] {6, 8}, w);
        new ParallelFold().run(pool, 8);
    }

    @Test
    void aLargeLayerIsSharedOut() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        float[] v = new float[4096 * 1024];
        new ParallelFold().add(WeightNorm.linear(4096, 1024), v, new float[4096], v).run(task -> asked.incrementAndGet(), 8);
        assertEquals(7, asked.get());
    }

    @Test
    void aRefusalReachesTheCallerAndNobodyWritesAfterwards() throws InterruptedException {
        Model model = new Model(manyLayers());
        ParallelFold fold = model.into(model.w);
        pool.shutdown();
        assertThrows(RejectedExecutionException.class, () -> fold.run(pool, 8));

        ExecutorService two = Executors.newFixedThreadPool(2);
        try {
            AtomicInteger asked = new AtomicInteger();
            RejectedExecutionException refusal = new RejectedExecutionException("busy");
            assertSame(refusal, assertThrows(RejectedExecutionException.class, () -> fold.run(task -> {
                if (asked.incrementAndGet() == 3) {
                    throw refusal;
                }
                two.execute(task);
            }, 8)));
            float[] then = model.w.clone();
            two.shutdown();
            assertTrue(two.awaitTermination(1, TimeUnit.MINUTES));
            assertSameBits(then, model.w);
        } finally {
            two.shutdownNow();
        }
    }

    @Test
    void aThreadThatIsInterruptedFoldsNothing() throws InterruptedException {
        float[] w = {3, 4};
        ParallelFold fold = new ParallelFold().add(WeightNorm.linear(1, 2), w, new float[] {10}, w);
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> fold.run(pool, 8));
        assertArrayEquals(new float[] {3, 4}, w);
        fold.run(pool, 8);
        assertArrayEquals(new float[] {6, 8}, w);
    }

    @Test
    void argumentsAreChecked() {
        ParallelFold fold = new ParallelFold();
        float[] v = new float[20];
        float[] g = new float[20];
        WeightNorm layer = WeightNorm.linear(2, 3);
        assertRefused("v.length: 20 (expected: 6)", () -> fold.add(layer, v, g, v));
        assertRefused("vOffset: 15 (expected: 0 to 14, for 6 elements of v, whose length is 20)",
                () -> fold.add(layer, v, 15, g, 0, v, 15));
        assertRefused("wOffset: 1 (expected: v's offset in the same array, 0, or no element in common)",
                () -> fold.add(layer, v, 0, g, 0, v, 1));
        assertRefused("layer: WeightNorm[shape=[2, 3], keptAxis=0, range=0..1] (expected: all of its channels, which are split here)",
                () -> fold.add(layer.range(0, 1), v, 0, g, 0, v, 0));
        assertRefused("threads: 0 (expected: > 0)", () -> fold.run(pool, 0));
        assertThrows(NullPointerException.class, () -> fold.run(null, 1));
        assertThrows(NullPointerException.class, () -> fold.add(layer, null, 0, g, 0, v, 0));
    }

    /** The second of two layers of 6 elements and 2 gains, whose first has v, g and w at 20, 40 and 60. */
    @ParameterizedTest
    @CsvSource({
        "100, 120, 15, 'v of layer 0, v'", "100, 120, 25, 'w of layer 1, w'", "100, 120, 41, 'w of layer 1, w'",
        "100, 120, 39, 'g of layer 0, g'", "100, 120, 60, ''", "100, 120, 65, ''", "100, 120, 55, ''", "62, 120, 130, 'v of layer 1, v'",
        "58, 120, 130, 'w of layer 0, w'", "100, 65, 130, 'g of layer 1, g'", "100, 59, 130, 'w of layer 0, w'", "62, 120, 62, ''",
        "20, 120, 20, ''",
    })
    void layersThatWriteWhatAnotherOneHasAreRefused(int v, int g, int w, String first) {
        float[] arena = new float[200];
        WeightNorm layer = WeightNorm.linear(2, 3);
        ParallelFold fold = new ParallelFold().add(layer, arena, 20, arena, 40, arena, 60).add(layer, arena, v, arena, g, arena, w);
        String message = assertThrows(IllegalArgumentException.class, () -> fold.run(pool, 2)).getMessage();
        assertTrue(message.startsWith(first), message);
        assertTrue(message.matches("[vgw] of layer [01], [vgw]Offset: \\d+ \\(expected: no element in common with [vgw] of layer [01], "
                + "WeightNorm\\[shape=\\[2, 3], keptAxis=0], whose offset in the same array is \\d+\\)"), message);
        assertArrayEquals(new float[200], arena);
    }

    @Test
    void layersMayReadTheSameAndLieSideBySide() throws InterruptedException {
        float[] arena = Samples.floats(200, 1, 3);
        float[] before = arena.clone();
        WeightNorm layer = WeightNorm.linear(2, 3);
        new ParallelFold().add(layer, arena, 20, arena, 40, arena, 60).add(layer, arena, 21, arena, 41, arena, 66)
                .add(layer, arena, 54, arena, 72, arena, 54).run(pool, 3);
        layer.reconstruct(before, 20, before, 40, before, 60);
        layer.reconstruct(before, 21, before, 41, before, 66);
        layer.reconstruct(before, 54, before, 72, before, 54);
        assertSameBits(before, arena);
    }

    /** In the order of offsets, the two that conflict are not neighbours. */
    @Test
    void aConflictBehindOtherLayersIsSeen() {
        float[] arena = new float[1000];
        ParallelFold fold = new ParallelFold().add(WeightNorm.linear(1, 300), arena, 0, new float[1], 0, new float[300], 0);
        fold.add(WeightNorm.linear(1, 10), arena, 100, new float[1], 0, new float[10], 0);
        fold.add(WeightNorm.linear(1, 10), new float[10], 0, new float[1], 0, arena, 200);
        assertRefused("w of layer 2, wOffset: 200 (expected: no element in common with v of layer 0, ", () -> fold.run(pool, 2));
    }

    private static void assertRefused(String expected, Executable call) {
        String message = assertThrows(RuntimeException.class, call).getMessage();
        assertTrue(message.startsWith(expected), message);
    }

    private static void assertSameBits(float[] expected, float[] actual) {
        int at = 0;
        while (at < expected.length && Float.floatToRawIntBits(expected[at]) == Float.floatToRawIntBits(actual[at])) {
            at++;
        }
        int first = at;
        assertEquals(expected.length, first, () -> "element " + first + " is " + actual[first] + ", not " + expected[first]);
    }
}
