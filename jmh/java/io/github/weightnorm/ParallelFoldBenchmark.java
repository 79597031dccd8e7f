package io.github.weightnorm;

import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** {@link ParallelFold} on some threads, beside one call of the kernel for each layer (0 threads). */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 2, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector"})
public class ParallelFoldBenchmark {

    /** How many threads, 0 for the kernel alone. */
    @Param({"0", "1", "2"})
    public int threads;

    /** How many layers, of which shape, and the kept axis behind the colon. */
    @Param({"1*4096x1024:0", "60*128x128x7:0", "1000*512x1x7:0", "1*768x48x128:2", "4*1024x1024:1"})
    public String layers;

    private ExecutorService pool;
    private WeightNorm layer;
    private float[][] v;
    private float[] g;
    private float[][] w;
    private final ParallelFold fold = new ParallelFold();

    /** Makes the arrays. */
    @Setup
    public void prepare() {
        String[] parts = layers.split("[*:]");
        layer = WeightNorm.of(Arrays.stream(parts[1].split("x")).mapToInt(Integer::parseInt).toArray(), Integer.parseInt(parts[2]));
        v = new float[Integer.parseInt(parts[0])][];
        w = new float[v.length][layer.size()];
        g = Samples.floats(layer.channelCount(), 2, 2);
        for (int i = 0; i < v.length; i++) {
            v[i] = Samples.floats(layer.size(), i + 1, 2);
            fold.add(layer, v[i], g, w[i]);
        }
        pool = Executors.newFixedThreadPool(Math.max(1, threads - 1));
    }

    /** Ends the threads. */
    @TearDown
    public void end() {
        pool.shutdown();
    }

    /** All layers. */
    @Benchmark
    public float[][] fold() throws InterruptedException {
        if (threads > 0) {
            fold.run(pool, threads);
            return w;
        }
        for (int i = 0; i < v.length; i++) {
            layer.reconstruct(v[i], g, w[i]);
        }
        return w;
    }
}
