package io.github.weightnorm;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
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

/** What the canonical order in double costs: the norms of the rows of a matrix, beside sums in float and in other orders. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 10, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 20, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Fork(value = 2, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector"})
public class SummationBenchmark {

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** The length of a row, a multiple of the lanes. There are as many rows as make 2¹⁶ elements, or 2²⁴ where the rows have 4096. */
    @Param({"32", "768", "4096"})
    public int length;

    private WeightNorm layer;
    private float[] v;
    private float[] norms;

    /** Makes the arrays. */
    @Setup
    public void prepare() {
        layer = WeightNorm.linear((length == 4096 ? 1 << 24 : 1 << 16) / length, length);
        v = Samples.floats(layer.size(), 1, 2);
        norms = new float[layer.channelCount()];
    }

    /** The library's vector kernel. */
    @Benchmark
    @Fork(value = 2, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector", "-Dweightnorm.backend=vector"})
    public float[] canonicalVector() {
        layer.norms(v, norms);
        return norms;
    }

    /** The library's scalar kernel. */
    @Benchmark
    @Fork(value = 2, jvmArgsPrepend = {"--add-modules", "jdk.incubator.vector", "-Dweightnorm.backend=scalar"})
    public float[] canonicalScalar() {
        layer.norms(v, norms);
        return norms;
    }

    /** Vectors of floats, four sums side by side, in whatever order their width gives. */
    @Benchmark
    public float[] floatVector() {
        for (int row = 0; row < norms.length; row++) {
            norms[row] = (float) Math.sqrt(floatSum(v, row * length, length));
        }
        return norms;
    }

    /** A loop with one sum in double. */
    @Benchmark
    public float[] doubleLoop() {
        for (int row = 0; row < norms.length; row++) {
            double sum = 0;
            for (int i = row * length; i < (row + 1) * length; i++) {
                sum += (double) v[i] * v[i];
            }
            norms[row] = (float) Math.sqrt(sum);
        }
        return norms;
    }

    private static float floatSum(float[] v, int at, int length) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int lanes = SPECIES.length();
        int i = at;
        for (; i <= at + length - 4 * lanes; i += 4 * lanes) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, v, i);
            FloatVector v1 = FloatVector.fromArray(SPECIES, v, i + lanes);
            FloatVector v2 = FloatVector.fromArray(SPECIES, v, i + 2 * lanes);
            FloatVector v3 = FloatVector.fromArray(SPECIES, v, i + 3 * lanes);
            sum0 = v0.fma(v0, sum0);
            sum1 = v1.fma(v1, sum1);
            sum2 = v2.fma(v2, sum2);
            sum3 = v3.fma(v3, sum3);
        }
        for (; i < at + length; i += lanes) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, v, i);
            sum0 = v0.fma(v0, sum0);
        }
        return sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
    }
}
