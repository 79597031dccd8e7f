package io.github.weightnorm;

/**
 * The vector back end: the scalar one, with the loops that pay replaced by the same sums and products in vectors, which {@link VectorRows},
 * {@link VectorLongRows}, {@link VectorMediumRows}, {@link VectorShortRows}, {@link VectorColumns} and {@link VectorRuns} hold. Only classes named
 * Vector… touch the Vector API, and of the others only {@link GradientKernels} names one that does, in a lambda, so that all others load in a
 * JVM without the module.
 *
 * <p>This class does not touch it either, and costs next to nothing to load. So it can be loaded before scalar code is compiled: C2 takes for
 * granted that the classes it knows are all there are, and a second back end, loaded later, would throw away what is compiled of the first.
 */
final class VectorKernels extends ScalarKernels {

    @Override
    int vectorBits() {
        return VectorLanes.LANES * Double.SIZE;
    }

    @Override
    double sumOfSquares(float[] v, int at, int runs, int stride, int length) {
        return runs > 1 || length < SHORTEST_LONG_ROW ? super.sumOfSquares(v, at, runs, stride, length)
                : VectorRows.sumOfSquares(v, at, length);
    }

    @Override
    void multiply(float[] v, int vAt, float factor, float[] w, int wAt, int runs, int stride, int length) {
        if (runs > 1 || length < GROUP) {
            super.multiply(v, vAt, factor, w, wAt, runs, stride, length);
        } else {
            VectorRows.multiply(v, vAt, factor, w, wAt, length);
        }
    }

    @Override
    void multiplyRun(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int channels, int length) {
        int done = VectorRuns.multiply(v, vAt, factors, factorsAt, w, wAt, channels, length);
        super.multiplyRun(v, vAt + done * length, factors, factorsAt + done, w, wAt + done * length, channels - done, length);
    }

    @Override
    void multiplyRuns(float[] v, int vAt, float[] factors, int factorsAt, float[] w, int wAt, int runs, int stride, int channels,
            int length) {
        if (length == 1) {
            VectorRuns.multiplyColumns(v, vAt, factors, factorsAt, w, wAt, runs, stride, channels);
        } else {
            // No call of super's loop, which then had the profile of both back ends.
            for (int run = 0; run < runs; run++, vAt += stride, wAt += stride) {
                multiplyRun(v, vAt, factors, factorsAt, w, wAt, channels, length);
            }
        }
    }

    @Override
    int factorsRunByRun(WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
            float[] w, int wOffset, int factorsOffset) {
        return VectorColumns.factors(layer, from, to, v, vOffset, g, gOffset, w, wOffset, factorsOffset);
    }

    @Override
    boolean takesRows(Output output, int length) {
        return VectorShortRows.takes(length) || output == Output.WEIGHT && length >= SHORTEST_LONG_ROW;
    }

    @Override
    int plainRows(Output output, WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        int length = layer.layout.inner();
        int rows = to - from;
        int vAt = vOffset + from * length;
        int gAt = gOffset + from;
        int outAt = outOffset + from * (output == Output.WEIGHT ? length : 1);
        if (VectorShortRows.takes(length)) {
            return from + VectorShortRows.apply(output, layer.epsilon, v, vAt, length, rows, g, gAt, out, outAt);
        }
        return from + (v != out && VectorMediumRows.takes(length)
                ? VectorMediumRows.weights(layer.epsilon, v, vAt, length, rows, g, gAt, out, outAt)
                : VectorLongRows.weights(layer.epsilon, v, vAt, length, rows, g, gAt, out, outAt));
    }

    @Override
    int stripWidth(Output output, Layout layout, int channels) {
        int width = VectorColumns.stripWidth(output, layout, channels);
        return width > 1 ? width : super.stripWidth(output, layout, channels);
    }

    @Override
    boolean strip(Output output, WeightNorm layer, int channel, int width, float[] v, int vOffset, float[] g, int gOffset,
            float[] out, int outOffset) {
        if (width != VectorColumns.stripWidth(output, layer.layout, width)) {
            return super.strip(output, layer, channel, width, v, vOffset, g, gOffset, out, outOffset);
        }
        return output == Output.WEIGHT ? VectorColumns.stripInPlace(layer, channel, v, vOffset, g, gOffset, out, outOffset)
                : VectorColumns.strip(output, layer, channel, v, vOffset, g, gOffset, out, outOffset);
    }
}
