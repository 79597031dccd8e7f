package io.github.weightnorm;

/** The scalar back end: plain Java, always there, and the specification of the canonical order of summation. */
class ScalarKernels extends Kernels {

    /** Channels of a narrow layout summed side by side: enough independent additions to hide the latency of one. */
    private static final int STRIP = 8;

    @Override
    int vectorBits() {
        return 0;
    }

    /**
     * {@inheritDoc}
     *
     * <p><strong>The canonical order.</strong> A channel has 32 partial sums and a rest, all of them doubles that begin at 0. Its
     * runs follow each other as they lie in memory. Within a run of n elements, element j is squared and added to
     * <ul>
     * <li>partial sum {@code j mod 32}, for the first {@code n − n mod 32} elements: the blocks,
     * <li>partial sum {@code j mod 8}, from there on for the first {@code n − n mod 8} elements: the groups,
     * <li>the rest, for the last {@code n mod 8} elements, one after the other.
     * </ul>
     * At the end the partial sums fold 32→16→8→4→2→1, {@code p[i] += p[i + h]} for h = 16, 8, 4, 2, 1, and the rest is added to
     * {@code p[0]}. A float's square is exact in double and so is adding 0, so that partial sums without an element change nothing.
     *
     * <p>A row is one run; a channel across the last axis is {@code outer} runs of one element, so its squares simply add up in order.
     */
    @Override
    double sumOfSquares(float[] v, int at, int runs, int stride, int length) {
        int grouped = length & -GROUP;
        double sum = 0;
        if (grouped == GROUP && runs == 1) {
            sum = group(v, at);
        } else if (grouped > 0) {
            double even = quarter(v, at, runs, stride, grouped) + quarter(v, at + 2, runs, stride, grouped);
            double odd = quarter(v, at + 1, runs, stride, grouped) + quarter(v, at + 3, runs, stride, grouped);
            sum = even + odd;
        }
        return sum + rest(v, at + grouped, runs, stride, length - grouped);
    }

    /**
     * Partial sum q once the fold has come down to four, where {@code at} is a run's element q: the eight partial sums q, q + 4, …,
     * q + 28, folded. A quarter at a time, because eight sums fit the registers of every CPU and 32 do not.
     */
    private static double quarter(float[] v, int at, int runs, int stride, int grouped) {
        double p0 = 0;
        double p4 = 0;
        double p8 = 0;
        double p12 = 0;
        double p16 = 0;
        double p20 = 0;
        double p24 = 0;
        double p28 = 0;
        int blocks = grouped & -PARTIALS;
        for (int run = 0; run < runs; run++, at += stride) {
            for (int j = at; j < at + blocks; j += PARTIALS) {
                p0 += square(v[j]);
                p4 += square(v[j + 4]);
                p8 += square(v[j + 8]);
                p12 += square(v[j + 12]);
                p16 += square(v[j + 16]);
                p20 += square(v[j + 20]);
                p24 += square(v[j + 24]);
                p28 += square(v[j + 28]);
            }
            for (int j = at + blocks; j < at + grouped; j += GROUP) {
                p0 += square(v[j]);
                p4 += square(v[j + 4]);
            }
        }
        return ((p0 + p16) + (p8 + p24)) + ((p4 + p20) + (p12 + p28));
    }

    /** The same fold where each of eight partial sums has one element. */
    private static double group(float[] v, int at) {
        double even = (square(v[at]) + square(v[at + 4])) + (square(v[at + 2]) + square(v[at + 6]));
        double odd = (square(v[at + 1]) + square(v[at + 5])) + (square(v[at + 3]) + square(v[at + 7]));
        return even + odd;
    }

    /** The rest: what is left of each run after its groups of eight. */
    static double rest(float[] v, int at, int runs, int stride, int length) {
        double rest = 0;
        for (int run = 0; run < runs; run++, at += stride) {
            for (int i = 0; i < length; i++) {
                rest += square(v[at + i]);
            }
        }
        return rest;
    }

    /** {@link #multiply} for one run of less than a group, written out: as a loop, C2 would spend more on setting it up. */
    private static void multiplyShort(float[] v, int vAt, float factor, float[] w, int wAt, int length) {
        w[wAt] = v[vAt] * factor;
        if (length == 1) {
            return;
        }
        w[wAt + 1] = v[vAt + 1] * factor;
        if (length == 2) {
            return;
        }
        w[wAt + 2] = v[vAt + 2] * factor;
        if (length == 3) {
            return;
        }
        w[wAt + 3] = v[vAt + 3] * factor;
        if (length == 4) {
            return;
        }
        w[wAt + 4] = v[vAt + 4] * factor;
        if (length == 5) {
            return;
        }
        w[wAt + 5] = v[vAt + 5] * factor;
        if (length == 6) {
            return;
        }
        w[wAt + 6] = v[vAt + 6] * factor;
    }

    private static double square(double x) {
        return x * x;
    }

    @Override
    void multiply(float[] v, int vAt, float factor, float[] w, int wAt, int runs, int stride, int length) {
        for (int run = 0; run < runs; run++, vAt += stride, wAt += stride) {
            if (vAt == wAt) {
                // The same loop, with one index for both arrays: only so does C2 see that no store meets a later load, and vectorise.
                for (int i = vAt; i < vAt + length; i++) {
                    w[i] = v[i] * factor;
                }
            } else {
                for (int i = 0; i < length; i++) {
                    w[wAt + i] = v[vAt + i] * factor;
                }
            }
        }
    }

    /** One run of {@link #multiplyRuns}. */
    void multiplyRun(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int channels, int length) {
        if (length == 1) {
            for (int i = 0; i < channels; i++) {
                w[wAt + i] = v[vAt + i] * factors[factorsAt + i];
            }
            return;
        }
        for (int channel = 0; channel < channels; channel++, vAt += length, wAt += length) {
            float factor = factors[factorsAt + channel];
            if (length < GROUP) {
                multiplyShort(v, vAt, factor, w, wAt, length);
            } else {
                multiply(v, vAt, factor, w, wAt, 1, 0, length);
            }
        }
    }

    @Override
    void multiplyRuns(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int runs, int stride, int channels,
            int length) {
        for (int run = 0; run < runs; run++, vAt += stride, wAt += stride) {
            multiplyRun(v, vAt, factors, factorsAt, w, wAt, channels, length);
        }
    }

    @Override
    int factorsRunByRun(WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
            float[] w, int wOffset, int factorsOffset) {
        return from;
    }

    @Override
    boolean takesRows(Output output, int length) {
        return false;
    }

    @Override
    int plainRows(Output output, WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        return from;
    }

    @Override
    int stripWidth(Output output, Layout layout, int channels) {
        return channels >= STRIP ? STRIP : 1;
    }

    @Override
    boolean strip(Output output, WeightNorm layer, int channel, int width, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        Layout layout = layer.layout;
        int inner = layout.inner();
        int stride = layout.stride();
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        double sum4 = 0;
        double sum5 = 0;
        double sum6 = 0;
        double sum7 = 0;
        int at = vOffset + channel * inner;
        for (int run = 0; run < layout.outer(); run++, at += stride) {
            for (int j = at; j < at + inner; j++) {
                sum0 += square(v[j]);
                sum1 += square(v[j + inner]);
                sum2 += square(v[j + 2 * inner]);
                sum3 += square(v[j + 3 * inner]);
                sum4 += square(v[j + 4 * inner]);
                sum5 += square(v[j + 5 * inner]);
                sum6 += square(v[j + 6 * inner]);
                sum7 += square(v[j + 7 * inner]);
            }
        }
        int perChannel = gOffset + channel;
        float value0 = value(output, sum0, layer.epsilon, g, perChannel);
        float value1 = value(output, sum1, layer.epsilon, g, perChannel + 1);
        float value2 = value(output, sum2, layer.epsilon, g, perChannel + 2);
        float value3 = value(output, sum3, layer.epsilon, g, perChannel + 3);
        float value4 = value(output, sum4, layer.epsilon, g, perChannel + 4);
        float value5 = value(output, sum5, layer.epsilon, g, perChannel + 5);
        float value6 = value(output, sum6, layer.epsilon, g, perChannel + 6);
        float value7 = value(output, sum7, layer.epsilon, g, perChannel + 7);
        if (output != Output.WEIGHT) {
            int outAt = outOffset + channel;
            out[outAt] = value0;
            out[outAt + 1] = value1;
            out[outAt + 2] = value2;
            out[outAt + 3] = value3;
            out[outAt + 4] = value4;
            out[outAt + 5] = value5;
            out[outAt + 6] = value6;
            out[outAt + 7] = value7;
            return true;
        }
        if (Float.isNaN(value0 + value1 + value2 + value3 + value4 + value5 + value6 + value7)) {
            // One of them is not plain (or, without harm, their sum went to infinity and back).
            return false;
        }
        at = vOffset + channel * inner;
        int outAt = outOffset + channel * inner;
        if (layout.outer() == 1) {
            multiplyShort(v, at, value0, out, outAt, inner);
            multiplyShort(v, at + inner, value1, out, outAt + inner, inner);
            multiplyShort(v, at + 2 * inner, value2, out, outAt + 2 * inner, inner);
            multiplyShort(v, at + 3 * inner, value3, out, outAt + 3 * inner, inner);
            multiplyShort(v, at + 4 * inner, value4, out, outAt + 4 * inner, inner);
            multiplyShort(v, at + 5 * inner, value5, out, outAt + 5 * inner, inner);
            multiplyShort(v, at + 6 * inner, value6, out, outAt + 6 * inner, inner);
            multiplyShort(v, at + 7 * inner, value7, out, outAt + 7 * inner, inner);
            return true;
        }
        for (int run = 0; run < layout.outer(); run++, at += stride, outAt += stride) {
            for (int i = 0; i < inner; i++) {
                int j = at + i;
                int k = outAt + i;
                out[k] = v[j] * value0;
                out[k + inner] = v[j + inner] * value1;
                out[k + 2 * inner] = v[j + 2 * inner] * value2;
                out[k + 3 * inner] = v[j + 3 * inner] * value3;
                out[k + 4 * inner] = v[j + 4 * inner] * value4;
                out[k + 5 * inner] = v[j + 5 * inner] * value5;
                out[k + 6 * inner] = v[j + 6 * inner] * value6;
                out[k + 7 * inner] = v[j + 7 * inner] * value7;
            }
        }
        return true;
    }
}
