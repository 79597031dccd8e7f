package io.github.weightnorm;

import java.util.Arrays;

/** What anyone would write first, all in float: the yardstick for speed and accuracy. */
final class FloatLoop implements Implementation {

    @Override
    public String name() {
        return "float-loop";
    }

    @Override
    public String description() {
        return "plain loops, all in float";
    }

    @Override
    public boolean supports(Kernel kernel, WeightNorm layer) {
        return true;
    }

    @Override
    public Call prepare(Kernel kernel, Task task) {
        Layout layout = task.layer().layout;
        float[] v = kernel == Kernel.IN_PLACE ? task.v().clone() : task.v();
        float[] g = task.g();
        float[] perChannel = new float[g.length];
        float[] out = kernel == Kernel.IN_PLACE ? v : new float[v.length];
        return switch (kernel) {
            case NORMS -> Call.of(() -> norms(layout, v, perChannel), perChannel);
            case SCALES -> Call.of(() -> scales(layout, v, g, perChannel), perChannel);
            case DIRECTIONS -> Call.of(() -> directions(layout, v, perChannel, out), out);
            case RECONSTRUCT, IN_PLACE -> Call.of(() -> reconstruct(layout, v, g, perChannel, out), out);
            case DECOMPOSE -> Call.of(() -> {
                norms(layout, v, perChannel);
                System.arraycopy(v, 0, out, 0, v.length);
            }, perChannel, out);
            case GRADIENTS -> {
                float[] norms = new float[g.length];
                yield Call.of(() -> gradients(layout, task.weightGradient(), v, g, norms, out, perChannel), out, perChannel);
            }
            case GRADIENTS_IN_PLACE -> {
                float[] norms = new float[g.length];
                float[] gradient = task.weightGradient().clone();
                yield Call.of(() -> gradients(layout, gradient, v, g, norms, gradient, perChannel), gradient, perChannel);
            }
        };
    }

    private static void norms(Layout layout, float[] v, float[] norms) {
        sums(layout, v, v, norms);
        for (int c = 0; c < norms.length; c++) {
            norms[c] = (float) Math.sqrt(norms[c]);
        }
    }

    private static void scales(Layout layout, float[] v, float[] g, float[] scales) {
        norms(layout, v, scales);
        for (int c = 0; c < scales.length; c++) {
            scales[c] = g[c] / scales[c];
        }
    }

    private static void directions(Layout layout, float[] v, float[] scales, float[] directions) {
        norms(layout, v, scales);
        for (int c = 0; c < scales.length; c++) {
            scales[c] = 1 / scales[c];
        }
        multiply(layout, v, scales, directions);
    }

    private static void reconstruct(Layout layout, float[] v, float[] g, float[] scales, float[] w) {
        scales(layout, v, g, scales);
        multiply(layout, v, scales, w);
    }

    private static void gradients(Layout layout, float[] wGradient, float[] v, float[] g, float[] norms, float[] vGradient,
            float[] gGradient) {
        norms(layout, v, norms);
        sums(layout, wGradient, v, gGradient);
        for (int c = 0; c < norms.length; c++) {
            gGradient[c] /= norms[c];
        }
        int i = 0;
        for (int o = 0; o < layout.outer(); o++) {
            for (int c = 0; c < layout.channels(); c++) {
                float scale = g[c] / norms[c];
                float away = scale * gGradient[c] / norms[c];
                for (int end = i + layout.inner(); i < end; i++) {
                    vGradient[i] = scale * wGradient[i] - away * v[i];
                }
            }
        }
    }

    private static void sums(Layout layout, float[] a, float[] b, float[] sums) {
        Arrays.fill(sums, 0);
        int i = 0;
        for (int o = 0; o < layout.outer(); o++) {
            for (int c = 0; c < layout.channels(); c++) {
                float sum = sums[c];
                for (int end = i + layout.inner(); i < end; i++) {
                    sum += a[i] * b[i];
                }
                sums[c] = sum;
            }
        }
    }

    private static void multiply(Layout layout, float[] v, float[] factors, float[] w) {
        int i = 0;
        for (int o = 0; o < layout.outer(); o++) {
            for (int c = 0; c < layout.channels(); c++) {
                float factor = factors[c];
                for (int end = i + layout.inner(); i < end; i++) {
                    w[i] = v[i] * factor;
                }
            }
        }
    }
}
