package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import io.github.weightnorm.properties.Reference;
import java.util.Arrays;
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
import org.openjdk.jmh.annotations.Warmup;

/** The kernels on real layers' shapes, one thread, beside {@link System#arraycopy} of the same array, which is the limit. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 10, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 3, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector"})
public class KernelBenchmark {

    /** The back end. Each has forks of its own, so that neither leaves its marks on the other's compiled code. */
    @Param({"vector", "scalar"})
    public String backend;

    /** The shape, and the kept axis behind the colon. */
    @Param({"512x1x7:0", "512x8x1:0", "32x32x3:0", "256x256x3:0", "768x768:0", "256x256x11:0", "512x256x16:0", "4096x4096:0",
        "768x48x128:2", "1024x1024:1", "512x256x16:1"})
    public String shape;

    private Kernels kernels;
    private WeightNorm layer;
    private float[] v;
    private float[] g;
    private float[] w;
    private float[] inPlace;
    private float[] ones;
    private float[] norms;

    /** Makes the arrays, and makes sure that the back end is the one asked for and computes the right thing. */
    @Setup
    public void prepare() {
        Backend.Choice choice = Backend.choose(backend, Machine.current(), () -> new VectorKernels());
        if (choice.kernels() == null) {
            throw new IllegalStateException(choice.reason());
        }
        kernels = choice.kernels();
        String[] parts = shape.split(":");
        layer = WeightNorm.of(Arrays.stream(parts[0].split("x")).mapToInt(Integer::parseInt).toArray(), Integer.parseInt(parts[1]));
        v = Samples.floats(layer.size(), 1, 2);
        g = Samples.floats(layer.channelCount(), 2, 2);
        w = new float[v.length];
        norms = new float[g.length];
        // Weights of unit length with gains of 1 stay as they are, however often they are scaled in place.
        ones = new float[g.length];
        Arrays.fill(ones, 1);
        inPlace = new float[v.length];
        kernels.apply(Output.WEIGHT, layer, v, 0, null, 0, inPlace, 0);
        reconstruct();
        int[] channels = Reference.channels(layer.shape(), layer.keptAxis());
        double[] truth = Reference.weights(v, g, Reference.norms(v, channels, g.length, 0), channels);
        Reference.assertWithinUlp(kernels.name(), truth, w, 1.5);
    }

    /** {@code g·v/‖v‖} into another array. */
    @Benchmark
    public void reconstruct() {
        kernels.apply(Output.WEIGHT, layer, v, 0, g, 0, w, 0);
    }

    /** {@code g·v/‖v‖} over v itself. */
    @Benchmark
    public void reconstructInPlace() {
        kernels.apply(Output.WEIGHT, layer, inPlace, 0, ones, 0, inPlace, 0);
    }

    /** {@code ‖v‖}. */
    @Benchmark
    public void norms() {
        kernels.apply(Output.NORM, layer, v, 0, null, 0, norms, 0);
    }

    /** A copy of v. */
    @Benchmark
    public void copy() {
        System.arraycopy(v, 0, w, 0, v.length);
    }
}
