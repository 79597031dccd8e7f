package io.github.weightnorm;

/** The gradients of the scalar back end: plain Java, always there. */
class ScalarGradients extends GradientKernels {

    /** Channels of a narrow layout summed side by side. */
    private static final int STRIP = 8;

    /**
     * The sum of a channel's products in the canonical order, which {@link ScalarKernels#sumOfSquares} specifies: element j of one
     * array times element j of the other, in place of a square. Such a product is exact in double, too.
     */
    static double sumOfProducts(float[] x, int xAt, float[] y, int yAt, int runs, int stride, int length) {
        int grouped = length & -Kernels.GROUP;
        double sum = 0;
        if (grouped == Kernels.GROUP && runs == 1) {
            sum = group(x, xAt, y, yAt);
        } else if (grouped > 0) {
            double even = quarter(x, xAt, y, yAt, runs, stride, grouped) + quarter(x, xAt + 2, y, yAt + 2, runs, stride, grouped);
            double odd = quarter(x, xAt + 1, y, yAt + 1, runs, stride, grouped) + quarter(x, xAt + 3, y, yAt + 3, runs, stride, grouped);
            sum = even + odd;
        }
        return sum + rest(x, xAt + grouped, y, yAt + grouped, runs, stride, length - grouped);
    }

    /** Partial sum q once the fold has come down to four, as in {@link ScalarKernels}. */
    private static double quarter(float[] x, int xAt, float[] y, int yAt, int runs, int stride, int grouped) {
        double p0 = 0;
        double p4 = 0;
        double p8 = 0;
        double p12 = 0;
        double p16 = 0;
        double p20 = 0;
        double p24 = 0;
        double p28 = 0;
        int blocks = grouped & -Kernels.PARTIALS;
        for (int run = 0; run < runs; run++, xAt += stride, yAt += stride) {
            int j = 0;
            for (; j < blocks; j += Kernels.PARTIALS) {
                p0 += product(x[xAt + j], y[yAt + j]);
                p4 += product(x[xAt + j + 4], y[yAt + j + 4]);
                p8 += product(x[xAt + j + 8], y[yAt + j + 8]);
                p12 += product(x[xAt + j + 12], y[yAt + j + 12]);
                p16 += product(x[xAt + j + 16], y[yAt + j + 16]);
                p20 += product(x[xAt + j + 20], y[yAt + j + 20]);
                p24 += product(x[xAt + j + 24], y[yAt + j + 24]);
                p28 += product(x[xAt + j + 28], y[yAt + j + 28]);
            }
            for (; j < grouped; j += Kernels.GROUP) {
                p0 += product(x[xAt + j], y[yAt + j]);
                p4 += product(x[xAt + j + 4], y[yAt + j + 4]);
            }
        }
        return ((p0 + p16) + (p8 + p24)) + ((p4 + p20) + (p12 + p28));
    }

    /** The same fold where each of eight partial sums has one element. */
    private static double group(float[] x, int xAt, float[] y, int yAt) {
        double even = (product(x[xAt], y[yAt]) + product(x[xAt + 4], y[yAt + 4]))
                + (product(x[xAt + 2], y[yAt + 2]) + product(x[xAt + 6], y[yAt + 6]));
        double odd = (product(x[xAt + 1], y[yAt + 1]) + product(x[xAt + 5], y[yAt + 5]))
                + (product(x[xAt + 3], y[yAt + 3]) + product(x[xAt + 7], y[yAt + 7]));
        return even + odd;
    }

    /** The rest: what is left of each run after its groups of eight. */
    static double rest(float[] x, int xAt, float[] y, int yAt, int runs, int stride, int length) {
        double rest = 0;
        for (int run = 0; run < runs; run++, xAt += stride, yAt += stride) {
            for (int i = 0; i < length; i++) {
                rest += product(x[xAt + i], y[yAt + i]);
            }
        }
        return rest;
    }

    private static double product(double x, double y) {
        return x * y;
    }

    @Override
    long coefficients(WeightNorm layer, int channel, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset, float[] dg,
            int dgOffset) {
        Layout layout = layer.layout;
        int length = layout.inner();
        int vAt = vOffset + channel * length;
        int dwAt = dwOffset + channel * length;
        double squares = 0;
        double products = 0;
        if (layout.outer() == 1 && length < Kernels.GROUP) {
            // Nothing but a rest.
            for (int i = 0; i < length; i++) {
                squares += product(v[vAt + i], v[vAt + i]);
                products += product(dw[dwAt + i], v[vAt + i]);
            }
        } else {
            squares = sumOfProducts(v, vAt, v, vAt, layout.outer(), layout.stride(), length);
            products = sumOfProducts(dw, dwAt, v, vAt, layout.outer(), layout.stride(), length);
        }
        return ChannelGradient.coefficients(squares, products, layer.epsilon, g[gOffset + channel], dg, dgOffset + channel);
    }

    @Override
    void project(long coefficients, float[] dw, int dwAt, float[] v, int vAt, float[] dv, int dvAt, int runs, int stride, int length) {
        float scale = ChannelGradient.scale(coefficients);
        float projection = ChannelGradient.projection(coefficients);
        for (int run = 0; run < runs; run++, dwAt += stride, vAt += stride, dvAt += stride) {
            if (dwAt == dvAt && vAt == dvAt) {
                // The same loop, with one index for all arrays: only so does C2 see that no store meets a later load, and vectorise.
                for (int i = dvAt; i < dvAt + length; i++) {
                    dv[i] = scale * (dw[i] - projection * v[i]);
                }
            } else {
                for (int i = 0; i < length; i++) {
                    dv[dvAt + i] = scale * (dw[dwAt + i] - projection * v[vAt + i]);
                }
            }
        }
    }

    @Override
    void projectEach(float[] dw, int dwAt, float[] v, int vAt, float[] dv, int scales, int projections, int dvAt, int length) {
        for (int i = 0; i < length; i++) {
            dv[dvAt + i] = dv[scales + i] * (dw[dwAt + i] - dv[projections + i] * v[vAt + i]);
        }
    }

    @Override
    void strips(WeightNorm layer, int from, int to, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset, float[] dv,
            int dvOffset, float[] dg, int dgOffset, boolean apart) {
        int channel = from;
        for (; channel <= to - STRIP; channel += STRIP) {
            strip(layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset, apart);
        }
        for (; channel < to; channel++) {
            long coefficients = coefficients(layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dg, dgOffset);
            if (apart) {
                keep(coefficients, layer, channel, dv, dvOffset);
            } else {
                finish(coefficients, layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
            }
        }
    }

    /** Neighbouring channels at once, because they share cache lines. */
    private void strip(WeightNorm layer, int channel, float[] dw, int dwOffset, float[] v, int vOffset, float[] g, int gOffset, float[] dv,
            int dvOffset, float[] dg, int dgOffset, boolean apart) {
        Layout layout = layer.layout;
        int inner = layout.inner();
        int stride = layout.stride();
        int at = channel * inner;
        double squares0 = 0;
        double squares1 = 0;
        double squares2 = 0;
        double squares3 = 0;
        double squares4 = 0;
        double squares5 = 0;
        double squares6 = 0;
        double squares7 = 0;
        double products0 = 0;
        double products1 = 0;
        double products2 = 0;
        double products3 = 0;
        double products4 = 0;
        double products5 = 0;
        double products6 = 0;
        double products7 = 0;
        for (int run = 0; run < layout.outer(); run++, at += stride) {
            for (int i = at; i < at + inner; i++) {
                int vAt = vOffset + i;
                int dwAt = dwOffset + i;
                squares0 += product(v[vAt], v[vAt]);
                products0 += product(dw[dwAt], v[vAt]);
                squares1 += product(v[vAt + inner], v[vAt + inner]);
                products1 += product(dw[dwAt + inner], v[vAt + inner]);
                squares2 += product(v[vAt + 2 * inner], v[vAt + 2 * inner]);
                products2 += product(dw[dwAt + 2 * inner], v[vAt + 2 * inner]);
                squares3 += product(v[vAt + 3 * inner], v[vAt + 3 * inner]);
                products3 += product(dw[dwAt + 3 * inner], v[vAt + 3 * inner]);
                squares4 += product(v[vAt + 4 * inner], v[vAt + 4 * inner]);
                products4 += product(dw[dwAt + 4 * inner], v[vAt + 4 * inner]);
                squares5 += product(v[vAt + 5 * inner], v[vAt + 5 * inner]);
                products5 += product(dw[dwAt + 5 * inner], v[vAt + 5 * inner]);
                squares6 += product(v[vAt + 6 * inner], v[vAt + 6 * inner]);
                products6 += product(dw[dwAt + 6 * inner], v[vAt + 6 * inner]);
                squares7 += product(v[vAt + 7 * inner], v[vAt + 7 * inner]);
                products7 += product(dw[dwAt + 7 * inner], v[vAt + 7 * inner]);
            }
        }
        int gAt = gOffset + channel;
        int dgAt = dgOffset + channel;
        long coefficients0 = ChannelGradient.coefficients(squares0, products0, layer.epsilon, g[gAt], dg, dgAt);
        long coefficients1 = ChannelGradient.coefficients(squares1, products1, layer.epsilon, g[gAt + 1], dg, dgAt + 1);
        long coefficients2 = ChannelGradient.coefficients(squares2, products2, layer.epsilon, g[gAt + 2], dg, dgAt + 2);
        long coefficients3 = ChannelGradient.coefficients(squares3, products3, layer.epsilon, g[gAt + 3], dg, dgAt + 3);
        long coefficients4 = ChannelGradient.coefficients(squares4, products4, layer.epsilon, g[gAt + 4], dg, dgAt + 4);
        long coefficients5 = ChannelGradient.coefficients(squares5, products5, layer.epsilon, g[gAt + 5], dg, dgAt + 5);
        long coefficients6 = ChannelGradient.coefficients(squares6, products6, layer.epsilon, g[gAt + 6], dg, dgAt + 6);
        long coefficients7 = ChannelGradient.coefficients(squares7, products7, layer.epsilon, g[gAt + 7], dg, dgAt + 7);
        if (apart) {
            keep(coefficients0, layer, channel, dv, dvOffset);
            keep(coefficients1, layer, channel + 1, dv, dvOffset);
            keep(coefficients2, layer, channel + 2, dv, dvOffset);
            keep(coefficients3, layer, channel + 3, dv, dvOffset);
            keep(coefficients4, layer, channel + 4, dv, dvOffset);
            keep(coefficients5, layer, channel + 5, dv, dvOffset);
            keep(coefficients6, layer, channel + 6, dv, dvOffset);
            keep(coefficients7, layer, channel + 7, dv, dvOffset);
            return;
        }
        finish(coefficients0, layer, channel, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        finish(coefficients1, layer, channel + 1, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        finish(coefficients2, layer, channel + 2, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        finish(coefficients3, layer, channel + 3, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        finish(coefficients4, layer, channel + 4, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        finish(coefficients5, layer, channel + 5, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        finish(coefficients6, layer, channel + 6, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
        finish(coefficients7, layer, channel + 7, dw, dwOffset, v, vOffset, g, gOffset, dv, dvOffset, dg, dgOffset);
    }
}
