package io.github.weightnorm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
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

/** One layer on several threads of the caller's, each with a range of the channels, waiting for all of them included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 10, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 2, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector"})
public class ThreadBenchmark {

    /** This library's back end. */
    @Param({"vector", "scalar"})
    public String implementation;

    /** The number of threads, of which the caller's is one. */
    @Param({"1", "2"})
    public int threads;

    /** The shape, and the kept axis behind the colon. */
    @Param({"256x256x3:0", "512x256x16:0", "4096x4096:0", "768x48x128:2"})
    public String shape;

    private final List<Callable<Void>> others = new ArrayList<>();
    private WeightNorm mine;
    private Task task;
    private float[] w;
    private ForkJoinPool pool;

    /** Splits the layer, and makes sure that the parts make up the whole. */
    @Setup
    public void prepare() throws ExecutionException, InterruptedException {
        Library library = new Library(implementation);
        library.ask();
        WeightNorm layer = Task.layer(shape);
        task = Task.of(layer, Kernel.RECONSTRUCT);
        w = new float[layer.size()];
        int channels = layer.channelCount();
        mine = layer.range(0, channels / threads);
        for (int i = 1; i < threads; i++) {
            WeightNorm part = layer.range((int) ((long) channels * i / threads), (int) ((long) channels * (i + 1) / threads));
            others.add(() -> {
                part.reconstruct(task.v(), task.g(), w);
                return null;
            });
        }
        pool = new ForkJoinPool(Math.max(1, threads - 1));
        run();
        task.check(library, Kernel.RECONSTRUCT, Implementation.Call.of(() -> {}, w), task.truth(Kernel.RECONSTRUCT));
    }

    /** Ends the threads. */
    @TearDown
    public void close() {
        pool.shutdown();
    }

    /** The whole layer. */
    @Benchmark
    public void run() throws ExecutionException, InterruptedException {
        List<Future<Void>> futures = new ArrayList<>(others.size());
        for (Callable<Void> other : others) {
            futures.add(pool.submit(other));
        }
        mine.reconstruct(task.v(), task.g(), w);
        for (Future<Void> future : futures) {
            future.get();
        }
    }
}
