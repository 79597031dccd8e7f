package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import io.github.weightnorm.properties.Reference;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The walk over channels for a back end that takes several at once: a plain one here, so that every JVM sees what only some vectors ask
 * for. The arithmetic is the scalar back end's.
 */
class SeveralAtOnceTest {

    static List<WeightNorm> layers() {
        return Samples.manyChannels();
    }

    @ParameterizedTest
    @MethodSource("layers")
    void comesToTheSameBits(WeightNorm layer) {
        int channels = layer.channelCount();
        for (WeightNorm part : List.of(layer, layer.range(channels / 3, channels - channels / 5))) {
            agree(part, Samples.floats(layer.size(), 1, 3), Samples.floats(channels, 2, 3));
            agree(part, Samples.specials(layer.size(), 3), Samples.specials(channels, 4));
            agree(part, new float[layer.size()], Samples.floats(channels, 5, 3));
        }
    }

    private static void agree(WeightNorm layer, float[] v, float[] g) {
        for (Output output : Output.values()) {
            int size = output == Output.WEIGHT ? layer.size() : layer.channelCount();
            float[] expected = new float[size];
            float[] actual = new float[size];
            new ScalarKernels().apply(output, layer, v, 0, g, 0, expected, 0);
            new Batches().apply(output, layer, v, 0, g, 0, actual, 0);
            Reference.assertSameBits(output + " of " + layer, expected, actual);
        }
    }

    /** Takes rows of up to twenty elements eight at a time, as long as all eight are plain, and the factors of spread channels in pairs. */
    private static final class Batches extends ScalarKernels {

        @Override
        boolean takesRows(Output output, int length) {
            return length <= 20;
        }

        @Override
        int plainRows(Output output, WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset,
                float[] out, int outOffset) {
            int length = layer.layout.inner();
            int channel = from;
            for (; channel <= to - GROUP; channel += GROUP) {
                float[] values = new float[GROUP];
                for (int i = 0; i < GROUP; i++) {
                    values[i] = of(output, layer, channel + i, v, vOffset, g, gOffset);
                    if (Float.isNaN(values[i])) {
                        return channel;
                    }
                }
                for (int i = 0; i < GROUP; i++) {
                    if (output == Output.WEIGHT) {
                        int at = (channel + i) * length;
                        multiply(v, vOffset + at, values[i], out, outOffset + at, 1, 0, length);
                    } else {
                        out[outOffset + channel + i] = values[i];
                    }
                }
            }
            return channel;
        }

        @Override
        int factorsRunByRun(WeightNorm layer, int from, int to, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset,
                int factorsOffset) {
            int left = to - (to - from) % 2;
            for (int channel = from; channel < left; channel++) {
                w[factorsOffset + channel] = of(Output.FACTOR, layer, channel, v, vOffset, g, gOffset);
            }
            return left;
        }

        private float of(Output output, WeightNorm layer, int channel, float[] v, int vOffset, float[] g, int gOffset) {
            Layout layout = layer.layout;
            double sum = sumOfSquares(v, vOffset + channel * layout.inner(), layout.outer(), layout.stride(), layout.inner());
            return value(output, sum, layer.epsilon, g, gOffset + channel);
        }
    }
}
