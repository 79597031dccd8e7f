package io.github.weightnorm;

import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.Numbers;
import io.github.weightnorm.properties.Reference;
import io.github.weightnorm.properties.WeightCase;
import io.github.weightnorm.properties.WeightNormKernel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Measures how far a kernel's results are from exact arithmetic, in units of a float's last place, over layouts of every kind. */
final class Accuracy {

    /** What is measured. */
    enum Quantity {
        NORM, SCALE, DIRECTION, WEIGHT,
        /** Directions and weights below the smallest normal float, whose last place does not shrink with them. */
        SUBNORMAL
    }

    private static final int[] LENGTHS = {1, 2, 3, 5, 7, 8, 9, 16, 31, 32, 33, 63, 100, 300, 768, 1000, 4096, 10_007, 100_000};
    /** Enough elements for each length: short channels come in numbers. */
    private static final int ELEMENTS = 16_000;

    private final WeightNormKernel kernel;
    private final Map<Quantity, Double> worst = new EnumMap<>(Quantity.class);

    Accuracy(WeightNormKernel kernel) {
        this.kernel = kernel;
        for (Quantity quantity : Quantity.values()) {
            worst.put(quantity, 0.0);
        }
    }

    /** Cases of a distribution: rows, columns, and runs in between, from 1 to 100 000 elements. */
    static List<WeightCase> cases(Numbers numbers, int repetitions) {
        boolean everyday = numbers == Numbers.UNIFORM || numbers == Numbers.NORMAL || numbers == Numbers.ALTERNATING;
        List<WeightCase> cases = new ArrayList<>();
        for (int length : LENGTHS) {
            int channels = Math.max(2, Math.min(600, ELEMENTS / length));
            // Rows, columns, and runs of 11 elements, all by the middle axis.
            for (int[] shape : new int[][] {{1, channels, length}, {length, channels, 1}, {(length + 10) / 11, channels, 11}}) {
                for (int i = 0; i < repetitions; i++) {
                    Numbers gains = everyday || i % 2 == 0 ? Numbers.NORMAL : Numbers.LOG_UNIFORM;
                    cases.add(new WeightCase(new Layer(shape, 1, 0), numbers, gains, 1000L * length + i));
                }
            }
        }
        return cases;
    }

    /** The worst of each quantity over all calls so far; NaN where a kernel gave NaN. */
    Map<Quantity, Double> worst() {
        return worst;
    }

    Accuracy measure(WeightCase c) {
        double[] trueNorms = c.trueNorms();
        return measure(c.layer(), c.v(), c.g(), trueNorms, c.trueWeights());
    }

    Accuracy measure(Layer layer, float[] v, float[] g, double[] trueNorms, double[] trueWeights) {
        float[] perChannel = new float[g.length];
        kernel.norms(layer, v, perChannel);
        compare(Quantity.NORM, trueNorms, perChannel);
        if (kernel.scales(layer, v, g, perChannel)) {
            compare(Quantity.SCALE, Reference.scales(g, trueNorms), perChannel);
        }
        float[] out = new float[v.length];
        kernel.reconstruct(layer, v, g, out);
        compare(Quantity.WEIGHT, trueWeights, out);
        kernel.directions(layer, v, out);
        double[] trueDirections = new double[v.length];
        for (int i = 0; i < v.length; i++) {
            double norm = trueNorms[layer.channelOf(i)];
            trueDirections[i] = norm == 0 ? 0 : v[i] / norm;
        }
        compare(Quantity.DIRECTION, trueDirections, out);
        return this;
    }

    void compare(Quantity quantity, double[] truth, float[] actual) {
        boolean perElement = quantity == Quantity.WEIGHT || quantity == Quantity.DIRECTION;
        double normal = worst.get(quantity);
        double subnormal = worst.get(Quantity.SUBNORMAL);
        for (int i = 0; i < truth.length; i++) {
            double ulps = Reference.ulps(truth[i], actual[i]);
            // The maximum of NaN and anything is NaN.
            if (perElement && Math.abs(truth[i]) < Float.MIN_NORMAL) {
                subnormal = Math.max(subnormal, ulps);
            } else {
                normal = Math.max(normal, ulps);
            }
        }
        worst.put(Quantity.SUBNORMAL, subnormal);
        worst.put(quantity, normal);
    }
}
