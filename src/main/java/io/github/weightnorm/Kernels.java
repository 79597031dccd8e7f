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
    /** One group and a rest are faster in scalar code: there is nothing to fold but lanes. */
    static final int SHORTEST_LONG_ROW = 2 * GROUP;
    /**
     * Arrays of so many floats, a megabyte, begin at a cache line where the collector gives them regions of their own, as G1 does with those
     * of half a region and more. Where smaller ones begin, there is no telling.
     */
    static final int ALIGNED_ARRAY = 1 << 18;

    /** What a kernel writes. */
    enum Output {
        /** {@code ‖v‖}, one for each channel. */
        NORM,
        /** {@code g/‖v‖}, one for each channel. */
        SCALE,
        /** {@code g/‖v‖} as a float to multiply by, one for each channel; NaN for one that is not plain ({@link Channel}). */
        FACTOR,
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

    /**
     * Neighbouring channels, run after run, in float: {@code w[c·length + i] = v[c·length + i]·factors[c]} and so on a stride further. The
     * factors lie outside of what is written.
     */
    abstract void multiplyRuns(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int runs, int stride,
            int channels, int length);

    /**
     * {@link Output#FACTOR} for channels spread over several runs, with those runs' place in {@code w} to keep sums in; the last run's
     * is where the factors go. Returns the first channel that is left to do: all are, if this back end knows nothing better than channel
     * after channel.
     */
    abstract int factorsRunByRun(WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
            float[] w, int wOffset, int factorsOffset);

    /** Whether {@link #plainRows} is for rows of that length. */
    abstract boolean takesRows(Output output, int length);

    /**
     * Does {@link #apply} for rows that are channels, from one channel on and as long as they are plain ({@link Channel}); returns the
     * first channel that is left to do.
     */
    abstract int plainRows(Output output, WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset);

    /** How many neighbouring channels of a narrow layout {@link #strip} takes at once, at most {@code channels}; 1 for none. */
    abstract int stripWidth(Output output, Layout layout, int channels);

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
        Layout layout = layer.layout;
        boolean inPlace = output == Output.WEIGHT && v == out;
        if (layout.outer() == 1 && takesRows(output, layout.inner())) {
            rows(output, layer, from, to, v, vOffset, g, gOffset, out, outOffset);
        } else if (layout.outer() > 1 && output == Output.WEIGHT && !inPlace) {
            runByRun(layer, from, to, v, vOffset, g, gOffset, out, outOffset);
        } else {
            channels(output, layer, from, to, v, vOffset, g, gOffset, out, outOffset);
        }
    }

    /** Many rows at once; and one by one those, eight at most, that hold one which is not plain. */
    private void rows(Output output, WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        int next;
        for (int channel = from; channel < to; channel = next) {
            int left = plainRows(output, layer, channel, to, v, vOffset, g, gOffset, out, outOffset);
            next = Math.min(to, left + GROUP);
            channels(output, layer, left, next, v, vOffset, g, gOffset, out, outOffset);
        }
    }

    /**
     * Weights of channels that are spread over memory, run after run as they lie there: channel after channel, each run would be in
     * another page. The factors meanwhile lie where the last run's weights will be.
     */
    private void runByRun(WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
        Layout layout = layer.layout;
        int length = layout.inner();
        int last = (layout.outer() - 1) * layout.stride();
        int factorsOffset = wOffset + last + from * length - from;
        int left = factorsRunByRun(layer, from, to, v, vOffset, g, gOffset, w, wOffset, factorsOffset);
        channels(Output.FACTOR, layer, left, to, v, vOffset, g, gOffset, w, factorsOffset);
        int at = from * length;
        multiplyRuns(v, vOffset + at, w, factorsOffset + from, w, wOffset + at, layout.outer() - 1, layout.stride(), to - from, length);
        // Downwards, so that no factor is overwritten before its turn.
        for (int channel = to - 1; channel >= from; channel--) {
            float factor = w[factorsOffset + channel];
            int element = last + channel * length;
            if (factor == factor) {
                multiply(v, vOffset + element, factor, w, wOffset + element, 1, 0, length);
            } else {
                channel(Output.WEIGHT, layer, channel, v, vOffset, g, gOffset, w, wOffset);
            }
        }
    }

    /** Strips as wide as can be; one that holds a channel which is not plain is taken apart. */
    private void strips(Output output, WeightNorm layer, int from, int to, int widest, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        int width;
        for (int channel = from; channel < to; channel += width) {
            width = stripWidth(output, layer.layout, Math.min(widest, to - channel));
            if (width == 1) {
                channel(output, layer, channel, v, vOffset, g, gOffset, out, outOffset);
            } else if (!strip(output, layer, channel, width, v, vOffset, g, gOffset, out, outOffset)) {
                strips(output, layer, channel, channel + width, width - 1, v, vOffset, g, gOffset, out, outOffset);
            }
        }
    }

    /** Channel after channel; or where their runs are too short to be summed side by side, neighbouring channels side by side. */
    private void channels(Output output, WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        if (layer.layout.inner() < GROUP) {
            strips(output, layer, from, to, to - from, v, vOffset, g, gOffset, out, outOffset);
            return;
        }
        for (int channel = from; channel < to; channel++) {
            channel(output, layer, channel, v, vOffset, g, gOffset, out, outOffset);
        }
    }

    private void channel(Output output, WeightNorm layer, int channel, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        Layout layout = layer.layout;
        double sum = sumOfSquares(v, vOffset + channel * layout.inner(), layout.outer(), layout.stride(), layout.inner());
        finish(output, layer, channel, sum, v, vOffset, g, gOffset, out, outOffset);
    }

    /** What is left to do for a channel once its sum is known. */
    private void finish(Output output, WeightNorm layer, int channel, double sum, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        float value = value(output, sum, layer.epsilon, g, gOffset + channel);
        if (output != Output.WEIGHT) {
            out[outOffset + channel] = value;
            return;
        }
        Layout layout = layer.layout;
        int vAt = vOffset + channel * layout.inner();
        int outAt = outOffset + channel * layout.inner();
        if (value == value) {
            multiply(v, vAt, value, out, outAt, layout.outer(), layout.stride(), layout.inner());
        } else {
            double factor = Channel.factor(Channel.norm(sum, layer.epsilon), gain(g, gOffset + channel));
            multiplyInDouble(v, vAt, factor, out, outAt, layout.outer(), layout.stride(), layout.inner());
        }
    }

    /** What a channel's sum of squares comes to: its norm, its scale, or its plain factor (NaN if it has none). */
    static float value(Output output, double sumOfSquares, double epsilon, float[] g, int gAt) {
        double norm = Channel.norm(sumOfSquares, epsilon);
        return switch (output) {
            case NORM -> Channel.toFloat(norm);
            case SCALE -> Channel.toFloat(Channel.factor(norm, gain(g, gAt)));
            case FACTOR, WEIGHT -> Channel.plainFactor(norm, gain(g, gAt));
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
