package io.github.weightnorm;

/**
 * A back end: what a layer's kernels do, channel by channel, over the arithmetic that each back end has of its own.
 *
 * <p>A kernel here is a choice of what to write once a channel's sum of squares is known ({@link Output}). Arguments were checked by
 * {@link WeightNorm}; offsets are those of the whole layer, so {@code channel} indexes {@code g} and per-channel outputs directly.
 */
abstract class Kernels {

    /** The number of partial sums of a channel, and of elements in a block. */
    static final int PARTIALS = 32;
    /** The number of elements in a group: no vector here has more lanes. */
    static final int GROUP = 8;

    /** What a kernel writes. */
    enum Output {
        /** {@code ‖v‖}, one for each channel. */
        NORM,
        /** {@code g/‖v‖}, one for each channel. */
        SCALE,
        /** {@code g·v/‖v‖}, in the layout of v. */
        WEIGHT
    }

    /** The width of the back end's vectors, or 0. */
    abstract int vectorBits();

    /** The back end's name, as {@link WeightNorm#backend()} tells it. */
    final String name() {
        return vectorBits() == 0 ? "scalar" : "vector " + vectorBits() + "-bit";
    }

    /** The sum of a channel's squares in the canonical order, which {@link ScalarKernels#sumOfSquares} specifies. */
    abstract double sumOfSquares(float[] v, int at, int runs, int stride, int length);

    /** {@code w = v·factor} for one channel, in float. */
    abstract void multiply(float[] v, int vAt, float factor, float[] w, int wAt, int runs, int stride, int length);

    /** How many neighbouring channels of a narrow layout {@link #strip} takes at once, at most {@code channels}; 1 for none. */
    abstract int stripWidth(Layout layout, int channels);

    /**
     * Does {@link #apply} for {@code width} channels at once, from {@code channel} on, if they all are plain ({@link Channel}); if not,
     * it leaves them as they were and says false.
     */
    abstract boolean strip(Output output, WeightNorm layer, int channel, int width, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset);

    /** The kernel: for each channel of the layer's range, writes what {@code output} says. A null {@code g} means gains of 1. */
    final void apply(Output output, WeightNorm layer, float[] v, int vOffset, float[] g, int gOffset, float[] out, int outOffset) {
        int from = layer.fromChannel;
        int to = layer.toChannel;
        if (layer.layout.inner() < GROUP) {
            // Narrow: a channel's runs are too short to be summed side by side, so neighbouring channels are.
            strips(output, layer, from, to, to - from, v, vOffset, g, gOffset, out, outOffset);
        } else {
            for (int channel = from; channel < to; channel++) {
                channel(output, layer, channel, v, vOffset, g, gOffset, out, outOffset);
            }
        }
    }

    /** Strips as wide as can be; one that holds a channel which is not plain is taken apart. */
    private void strips(Output output, WeightNorm layer, int from, int to, int widest, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        int width;
        for (int channel = from; channel < to; channel += width) {
            width = stripWidth(layer.layout, Math.min(widest, to - channel));
            if (width == 1) {
                channel(output, layer, channel, v, vOffset, g, gOffset, out, outOffset);
            } else if (!strip(output, layer, channel, width, v, vOffset, g, gOffset, out, outOffset)) {
                strips(output, layer, channel, channel + width, width - 1, v, vOffset, g, gOffset, out, outOffset);
            }
        }
    }

    private void channel(Output output, WeightNorm layer, int channel, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        int runs = layer.layout.outer();
        int stride = layer.layout.stride();
        int length = layer.layout.inner();
        int vAt = vOffset + channel * length;
        double sum = sumOfSquares(v, vAt, runs, stride, length);
        float value = value(output, sum, layer.epsilon, g, gOffset + channel);
        if (output != Output.WEIGHT) {
            out[outOffset + channel] = value;
            return;
        }
        int outAt = outOffset + channel * length;
        if (value == value) {
            multiply(v, vAt, value, out, outAt, runs, stride, length);
        } else {
            double factor = Channel.factor(Channel.norm(sum, layer.epsilon), gain(g, gOffset + channel));
            multiplyInDouble(v, vAt, factor, out, outAt, runs, stride, length);
        }
    }

    /** What a channel's sum of squares comes to: its norm, its scale, or its plain factor (NaN if it has none). */
    static float value(Output output, double sumOfSquares, double epsilon, float[] g, int gAt) {
        double norm = Channel.norm(sumOfSquares, epsilon);
        return switch (output) {
            case NORM -> Channel.toFloat(norm);
            case SCALE -> Channel.toFloat(Channel.factor(norm, gain(g, gAt)));
            case WEIGHT -> Channel.plainFactor(norm, gain(g, gAt));
        };
    }

    private static float gain(float[] g, int at) {
        return g == null ? 1 : g[at];
    }

    private static void multiplyInDouble(float[] v, int vAt, double factor, float[] w, int wAt, int runs, int stride, int length) {
        for (int run = 0; run < runs; run++) {
            for (int i = 0; i < length; i++) {
                w[wAt + i] = Channel.toFloat(v[vAt + i] * factor);
            }
            vAt += stride;
            wAt += stride;
        }
    }
}
