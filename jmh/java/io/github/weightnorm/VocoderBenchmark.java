package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import java.util.ArrayList;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * All 78 weights of HiFi-GAN V1's generator, 13.9 million elements, one thread: once in a fresh JVM, which is what loading a model costs,
 * and again and again.
 */
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class VocoderBenchmark {

    /** The back end, in forks of its own. */
    @Param({"scalar", "vector"})
    public String backend;

    private Kernels kernels;
    private final List<WeightNorm> layers = new ArrayList<>();
    private final List<float[]> directions = new ArrayList<>();
    private final List<float[]> gains = new ArrayList<>();
    private final List<float[]> weights = new ArrayList<>();

    /** Makes the layers and their arrays. */
    @Setup
    public void prepare() {
        kernels = Backend.choose(backend, Machine.current(), () -> new VectorKernels()).kernels();
        layers.add(WeightNorm.conv1d(512, 80, 7));
        layers.add(WeightNorm.convTranspose1d(512, 256, 16));
        layers.add(WeightNorm.convTranspose1d(256, 128, 16));
        layers.add(WeightNorm.convTranspose1d(128, 64, 4));
        layers.add(WeightNorm.convTranspose1d(64, 32, 4));
        for (int channels = 256; channels >= 32; channels /= 2) {
            for (int kernelSize : new int[] {3, 7, 11}) {
                for (int i = 0; i < 6; i++) {
                    layers.add(WeightNorm.conv1d(channels, channels, kernelSize));
                }
            }
        }
        layers.add(WeightNorm.conv1d(1, 32, 7));
        for (WeightNorm layer : layers) {
            directions.add(Samples.floats(layer.size(), 1, 2));
            gains.add(Samples.floats(layer.channelCount(), 2, 2));
            weights.add(new float[layer.size()]);
        }
    }

    private void fold() {
        for (int i = 0; i < layers.size(); i++) {
            kernels.apply(Output.WEIGHT, layers.get(i), directions.get(i), 0, gains.get(i), 0, weights.get(i), 0);
        }
    }

    /** The first fold of a JVM. */
    @Benchmark
    @BenchmarkMode(Mode.SingleShotTime)
    @Warmup(iterations = 0)
    @Measurement(iterations = 1)
    @Fork(value = 15, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector"})
    public void first() {
        fold();
    }

    /** A fold once everything is compiled. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    @Warmup(iterations = 10, time = 300, timeUnit = TimeUnit.MILLISECONDS)
    @Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
    @Fork(value = 3, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector"})
    public void steady() {
        fold();
    }
}
