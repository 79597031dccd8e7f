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
 * Kernels allocate nothing once compiled: bytes that this thread allocated over many calls, from the JVM's own counter. Compilation
 * comes when it comes, so a kernel has many tries to reach zero, and has to stay there.
 */
class AllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int CALLS = 200;
    private static final int TRIES = 3000;

    private static Object sink;

    static List<WeightNorm> layers() {
        return List.of(WeightNorm.linear(64, 3), WeightNorm.linear(64, 8), WeightNorm.linear(30, 75), WeightNorm.linear(4, 768),
                WeightNorm.of(new int[] {20, 150}, 1), WeightNorm.of(new int[] {9, 41, 3}, 1), WeightNorm.of(new int[] {9, 21, 20}, 1),
                WeightNorm.whole(999), WeightNorm.linear(8, 64).epsilon(1e-6));
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
