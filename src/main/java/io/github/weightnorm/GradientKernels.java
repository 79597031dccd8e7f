package io.github.weightnorm;

import java.util.function.Supplier;

/**
 * The gradients of {@code w = g·v/‖v‖}, channel by channel, over the arithmetic that each back end has of its own: two sums, and
 * {@code ∇v = scale·(∇w − projection·v)} ({@link ChannelGradient}).
 *
 * <p>{@code dw}, {@code dv} and {@code dg} are the gradients of the loss by w, v and g. Arguments were checked by {@link WeightNorm};
 * offsets are those of the whole layer. {@code dv} may be dw or v, and {@code dg} may be g: no element is written before all that
 * depends on it was read.
 */
abstract class GradientKernels {

    /** The runs of dv in whose place coefficients are kept. */
    private static final int KEPT_RUNS = 2;

    private static final class Holder {
        // A lambda, as in Backend: a JVM without the vector module must not link the class.
        private static final GradientKernels IN_USE = of(Backend.kernels(), () -> new VectorGradients());
    }

    /** The gradients of the back end in use. */
    static GradientKernels inUse() {
        // Says why where there is none, which a failed static initializer would do only once.
        Backend.kernels();
        return Holder.IN_USE;
    }

    /** The gradients of a back end. */
    static GradientKernels of(Kernels kernels, Supplier<? extends GradientKernels> vector) {
        return kernels.vectorBits() == 0 ? new ScalarGradients() : vector.get();
    }

    /**
     * The sums of a channel, {@code Σv²} and {@code Σ∇w·v}, both in the canonical order, and what they come to:
     * {@link ChannelGradient#coefficients}.
     */
    abstract long coefficients(WeightNorm layer, int channel, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset,
            float[] dg, int dgOffset);

    /** {@code dv = scale·(dw − projection·v)} for one channel, in float, each operation rounded. */
    abstract void project(long coefficients, float[] dw, int dwAt, float[] v, int vAt, float[] dv, int dvAt, int runs, int stride,
            int length);

    /** {@code dv = scale·(dw − projection·v)} for a run of single elements, each with coefficients of its own, which lie in dv. */
    abstract void projectEach(float[] dw, int dwAt, float[] v, int vAt, float[] dv, int scales, int projections, int dvAt, int length);

    /**
     * The channels {@code [from, to)} of a layout whose runs have less than a group of elements, and are more than one: all of it, or,
     * where dv is {@code apart} from dw and v, their coefficients only, each where {@link #keep} puts it.
     */
    abstract void strips(WeightNorm layer, int from, int to, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset,
            float[] dv, int dvOffset, float[] dg, int dgOffset, boolean apart);

    /** The kernel: for each channel of the layer's range, writes its elements of dv and of dg. */
    final void apply(WeightNorm layer, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset, float[] dv, int dvOffset,
            float[] dg, int dgOffset) {
        Layout layout = layer.layout;
        int to = layer.toChannel;
        if (layout.outer() > 1 && layout.inner() < Kernels.GROUP) {
            narrow(layer, layer.fromChannel, to, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
            return;
        }
        for (int channel = layer.fromChannel; channel < to; channel++) {
            long coefficients = coefficients(layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dg, dgOffset);
            finish(coefficients, layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        }
    }

    private void narrow(WeightNorm layer, int from, int to, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset,
            float[] dv, int dvOffset, float[] dg, int dgOffset) {
        Layout layout = layer.layout;
        boolean apart = layout.inner() == 1 && layout.outer() >= KEPT_RUNS && dv != dw && dv != v;
        strips(layer, from, to, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset, apart);
        if (!apart) {
            return;
        }
        // Run by run, as memory lies there.
        int stride = layout.stride();
        int kept = (layout.outer() - KEPT_RUNS) * stride;
        int scales = dvOffset + kept + from;
        for (int at = from; at < kept; at += stride) {
            projectEach(dw, dwOffset + at, v, vOffset + at, dv, scales, scales + stride, dvOffset + at, to - from);
        }
        for (int channel = from; channel < to; channel++) {
            float scale = dv[dvOffset + kept + channel];
            float projection = dv[dvOffset + kept + stride + channel];
            if (scale != scale) {
                inDouble(layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
                continue;
            }
            int at = kept + channel;
            for (int run = 0; run < KEPT_RUNS; run++, at += stride) {
                dv[dvOffset + at] = scale * (dw[dwOffset + at] - projection * v[vOffset + at]);
            }
        }
    }

    /** Puts a channel's coefficients where the last two of its elements will be. */
    static void keep(long coefficients, WeightNorm layer, int channel, float[] dv, int dvOffset) {
        Layout layout = layer.layout;
        int at = dvOffset + (layout.outer() - KEPT_RUNS) * layout.stride() + channel;
        dv[at] = ChannelGradient.scale(coefficients);
        dv[at + layout.stride()] = ChannelGradient.projection(coefficients);
    }

    /** What is left to do for a channel once its coefficients are known. */
    final void finish(long coefficients, WeightNorm layer, int channel, float[] dw, int dwOffset, float[] v, int vOffset, float[] g,
            int gOffset, float[] dv, int dvOffset, float[] dg, int dgOffset) {
        if (coefficients == ChannelGradient.NOT_PLAIN) {
            inDouble(layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
            return;
        }
        Layout layout = layer.layout;
        int at = channel * layout.inner();
        project(coefficients, dw, dwOffset + at, v, vOffset + at, dv, dvOffset + at, layout.outer(), layout.stride(), layout.inner());
    }

    /** Any channel, and nothing in float. */
    static void inDouble(WeightNorm layer, int channel, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset,
            float[] dv, int dvOffset, float[] dg, int dgOffset) {
        Layout layout = layer.layout;
        int length = layout.inner();
        int at = channel * length;
        double squares = ScalarGradients.sumOfProducts(v, vOffset + at, v, vOffset + at, layout.outer(), layout.stride(), length);
        double products = ScalarGradients.sumOfProducts(dw, dwOffset + at, v, vOffset + at, layout.outer(), layout.stride(), length);
        double norm = Channel.norm(squares, layer.epsilon);
        double scale = Channel.factor(norm, g[gOffset + channel]);
        double projection = products / (squares + layer.epsilon);
        dg[dgOffset + channel] = ChannelGradient.ofGain(norm, products);
        for (int run = 0; run < layout.outer(); run++, at += layout.stride()) {
            for (int i = at; i < at + length; i++) {
                dv[dvOffset + i] = norm == 0 ? 0 : ChannelGradient.ofElement(dw[dwOffset + i], v[vOffset + i], scale, projection);
            }
        }
    }
}
