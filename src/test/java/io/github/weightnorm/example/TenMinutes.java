package io.github.weightnorm.example;

import io.github.weightnorm.BatchStatistics;
import io.github.weightnorm.Optimizer;
import io.github.weightnorm.WeightNorm;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/** Prints every number of {@code docs/ten-minutes.md}, which shows the parts of this file that stand between markers. */
public final class TenMinutes {

    private TenMinutes() {}

    /** Prints them. */
    public static void main(String[] arguments) {
        direction(System.out);
        training(System.out);
        convolution(System.out);
    }

    /** The page's first part: what g and v are. */
    static void direction(PrintStream out) {
        // <direction>
        float[] weight = {
            -0.2701f, -0.0754f, 0.3812f,
            -0.1806f, 0.1814f, 0.4922f,
            -0.2900f, -0.5321f, -0.4400f,
            -0.5492f, 0.0195f, -0.5189f,
        };
        float[] g = new float[4];
        float[] v = new float[12];
        WeightNorm.linear(4, 3).decomposeUnit(weight, g, v);
        // </direction>
        for (int row = 0; row < 4; row++) {
            float[] slice = Arrays.copyOfRange(weight, row * 3, 12);
            float[] ofSlice = new float[1];
            WeightNorm.whole(slice.length).norms(slice, ofSlice);
            double squares = 0;
            for (int i = row * 3; i < row * 3 + 3; i++) {
                squares += Math.pow(weight[i] / ofSlice[0], 2);
            }
            out.printf(Locale.ROOT, "row %d: norm %.4f, direction %7.4f %7.4f %7.4f; of the slice: norm %.4f, squared length %.4f%n", row,
                    g[row], v[row * 3], v[row * 3 + 1], v[row * 3 + 2], ofSlice[0], squares);
        }
    }

    /** The second: two Linear layers. */
    static void training(PrintStream out) {
        // <training>
        Random random = new Random(1);
        float[] x = uniform(random, 64 * 8, 2);
        float[] y = new float[64];
        for (int i = 0; i < y.length; i++) {
            y[i] = (float) Math.sin(x[i * 8] * 1.5) + x[i * 8 + 1] / 2;
        }
        Linear first = new Linear(16, 8, uniform(random, 16 * 8, 0.35f), new float[16]);
        Linear second = new Linear(1, 16, uniform(random, 16, 0.25f), new float[1]);
        first.initialize(x);
        for (int step = 0; step <= 200; step++) {
            Regression regression = new Regression(first, second, x, y);
            if (step % 50 == 0) {
                out.printf(Locale.ROOT, "step %3d: loss %.4f, ‖v‖ of row 0 %.5f%n", step, regression.loss(), norm(first));
            }
            regression.step(Optimizer.sgd(0.1f));
        }
        float[] plain = first.weight.fold();
        // </training>
        out.printf(Locale.ROOT, "plain: %.4f %.4f %.4f …%n", plain[0], plain[1], plain[2]);
    }

    /** The third: a convolution as checkpoints have it, initialised from a batch. */
    static void convolution(PrintStream out) {
        // <convolution>
        Random random = new Random(2);
        Conv1d.Geometry geometry = new Conv1d.Geometry(8, 12, 3, 2, 2, 2, 4);   // in, out, kernel, stride, padding, dilation, groups
        float[] g = new float[12];
        Arrays.fill(g, 1);
        Conv1d conv = new Conv1d(geometry, uniform(random, 12 * 2 * 3, 0.1f), g, new float[12]);
        float[] x = uniform(random, 16 * 8 * 50, 3);
        BatchStatistics before = BatchStatistics.of(conv.forward(x, 16), 16, 12, geometry.outputLength(50));
        conv.initialize(x, 16);
        BatchStatistics after = BatchStatistics.of(conv.forward(x, 16), 16, 12, geometry.outputLength(50));
        // </convolution>
        for (int channel = 0; channel < 3; channel++) {
            out.printf(Locale.ROOT, "channel %d: σ %.4f, then %.4f; g %.4f, b %.4f%n", channel, before.standardDeviation(channel),
                    after.standardDeviation(channel), conv.weight.g()[channel], conv.bias[channel]);
        }
    }

    private static float[] uniform(Random random, int count, float range) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (2 * random.nextFloat() - 1) * range;
        }
        return values;
    }

    private static double norm(Linear layer) {
        float[] norms = new float[layer.weight.layer().channelCount()];
        layer.weight.layer().norms(layer.weight.v(), norms);
        return norms[0];
    }
}
