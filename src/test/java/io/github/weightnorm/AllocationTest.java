package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kernels allocate nothing once compiled: bytes that this thread allocated over many calls, from the JVM's own counter. A kernel has
 * many tries to reach zero, and has to stay there. The build compiles in the foreground (-Xbatch), so that what C2 makes of a method
 * does not depend on how busy the machine is.
 */
class AllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CALLS = 200;
    private static final int TRIES = 3000;

    private static Object sink;

    static List<WeightNorm> layers() {
        return List.of(WeightNorm.linear(64, 3), WeightNorm.linear(64, 5), WeightNorm.linear(64, 7), WeightNorm.linear(64, 8),
                WeightNorm.linear(64, 12), WeightNorm.linear(30, 75), WeightNorm.linear(30, 104), WeightNorm.linear(4, 768),
                WeightNorm.of(new int[] {20, 150}, 1), WeightNorm.of(new int[] {9, 1040}, 1), WeightNorm.of(new int[] {9, 41, 3}, 1),
                WeightNorm.of(new int[] {9, 42, 8}, 1), WeightNorm.of(new int[] {9, 21, 16}, 1),
                WeightNorm.of(new int[] {9, 21, 20}, 1), WeightNorm.whole(999), WeightNorm.linear(8, 64).epsilon(1e-6));
    }

    @ParameterizedTest
    @MethodSource("layers")
    void kernelsAllocateNothing(WeightNorm layer) {
        float[] v = Samples.floats(layer.size(), 1, 5);
        float[] g = Samples.floats(layer.channelCount(), 2, 5);
        float[] w = new float[v.length];
        float[] perChannel = new float[g.length];
        settlesAtZero("norms", i -> {
            layer.norms(v, perChannel);
            return null;
        });
        settlesAtZero("scales", i -> {
            layer.scales(v, g, perChannel);
            return null;
        });
        settlesAtZero("directions", i -> {
            layer.directions(v, w);
            return null;
        });
        settlesAtZero("reconstruct", i -> {
            layer.reconstruct(v, g, w);
            return null;
        });
        settlesAtZero("decompose", i -> {
            layer.decompose(w, perChannel, w);
            return null;
        });
        float[] weightGradient = Samples.floats(layer.size(), 7, 5);
        settlesAtZero("gradients", i -> {
            layer.gradients(weightGradient, v, g, w, perChannel);
            return null;
        });
    }

    /** In place, at offsets, and for a range of the channels. */
    @ParameterizedTest
    @MethodSource("layers")
    void norDoPartsOfALayer(WeightNorm layer) {
        int channels = layer.channelCount();
        WeightNorm part = layer.range(channels / 4, channels - channels / 5);
        float[] v = Samples.floats(layer.size() + 3, 3, 5);
        float[] g = Samples.floats(channels + 5, 4, 5);
        float[] w = new float[layer.size() + 1];
        float[] perChannel = new float[channels + 2];
        settlesAtZero("norms", i -> {
            part.norms(v, 3, perChannel, 2);
            return null;
        });
        settlesAtZero("scales", i -> {
            part.scales(v, 3, g, 5, perChannel, 2);
            return null;
        });
        settlesAtZero("directions", i -> {
            part.directions(v, 3, w, 1);
            return null;
        });
        settlesAtZero("reconstruct", i -> {
            part.reconstruct(v, 3, g, 5, w, 1);
            return null;
        });
        settlesAtZero("reconstruct in place", i -> {
            part.reconstruct(v, 3, g, 5, v, 3);
            return null;
        });
        settlesAtZero("decompose", i -> {
            part.decompose(v, 3, perChannel, 2, w, 1);
            return null;
        });
        float[] weightGradient = Samples.floats(layer.size() + 4, 8, 5);
        settlesAtZero("gradients", i -> {
            part.gradients(weightGradient, 4, v, 3, g, 5, w, 1, perChannel, 2);
            return null;
        });
        settlesAtZero("gradients in place", i -> {
            part.gradients(weightGradient, 4, v, 3, g, 5, weightGradient, 4, perChannel, 2);
            return null;
        });
    }

    /** Rows of an array so large that products keep to its cache lines. */
    @Test
    void norDoRowsOfLargeArrays() {
        float[] v = Samples.floats(1 << 19, 10, 5);
        float[] g = Samples.floats(9, 11, 5);
        float[] w = new float[v.length];
        for (int length : new int[] {75, 768}) {
            WeightNorm layer = WeightNorm.linear(9, length);
            settlesAtZero("reconstruct", i -> {
                layer.reconstruct(v, i % 32, g, 0, w, i % 32);
                return null;
            });
            settlesAtZero("reconstruct in place", i -> {
                layer.reconstruct(v, i % 32, g, 0, v, i % 32);
                return null;
            });
        }
    }

    /** Channels that are not plain go another way: zeros, NaN, and factors that are no normal floats. */
    @ParameterizedTest
    @MethodSource("layers")
    void norDoSpecialValues(WeightNorm layer) {
        float[] v = Samples.specials(layer.size(), 5);
        float[] zeros = new float[layer.size()];
        float[] g = Samples.floats(layer.channelCount(), 6, 127);
        float[] w = new float[v.length];
        settlesAtZero("reconstruct", i -> {
            layer.reconstruct(i % 2 == 0 ? v : zeros, g, w);
            return null;
        });
        float[] weightGradient = Samples.specials(layer.size(), 9);
        float[] gGradient = new float[g.length];
        settlesAtZero("gradients", i -> {
            layer.gradients(weightGradient, i % 2 == 0 ? v : zeros, g, w, gGradient);
            return null;
        });
    }

    /** The meter works: what must allocate is seen to. */
    @Test
    void theMeterSeesAnAllocation() {
        assertTrue(allocated(i -> new float[100]) >= CALLS * 400L);
        assertEquals(0, allocated(i -> null));
    }

    private static void settlesAtZero(String kernel, IntFunction<Object> call) {
        long bytes = Long.MAX_VALUE;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            bytes = allocated(call);
            if (bytes == 0 && allocated(call) == 0) {
                return;
            }
        }
        assertEquals(0, bytes, kernel + ": bytes in " + CALLS + " calls");
    }

    private static long allocated(IntFunction<Object> call) {
        assumeTrue(THREADS.isThreadAllocatedMemorySupported() && THREADS.isThreadAllocatedMemoryEnabled());
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
            sink = call.apply(i);
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
