package io.github.weightnorm;

import java.util.List;
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

/** Every implementation's kernels on real layers' shapes and on whole models, one thread, each in forks of its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 10, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector"})
public class KernelBenchmark {

    /** Whose kernel: {@link Implementation#name()}. */
    @Param({"vector", "scalar", "copy"})
    public String implementation;

    /** Which: {@link Kernel#toString()}. */
    @Param({"reconstruct", "in-place", "norms", "scales", "decompose"})
    public String kernel;

    /** The shape, and the kept axis behind the colon; or the name of a model. */
    @Param({"512x1x7:0", "512x8x1:0", "32x32x3:0", "256x256x3:0", "768x768:0", "256x256x11:0", "512x256x16:0", "4096x4096:0",
        "768x48x128:2", "1024x1024:1", "512x256x16:1"})
    public String shape;

    private Implementation.Call call;

    /** Makes the arrays, and makes sure that the implementation is the one asked for and computes the right thing. */
    @Setup
    public void prepare() {
        Implementation chosen = Implementation.named(implementation);
        call = Workload.named(shape).checked(Kernel.named(kernel), List.of(chosen)).get(chosen);
        System.out.print("(" + chosen.description() + ") ");
    }

    /** Frees what is not on the heap. */
    @TearDown
    public void close() {
        call.close();
    }

    /** The kernel. */
    @Benchmark
    public void run() {
        call.run();
    }
}
