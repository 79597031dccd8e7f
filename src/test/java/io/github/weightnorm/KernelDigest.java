package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import java.util.List;

/**
 * One number for the bits of every kernel's output over {@link Samples}: to compare JVMs and CPUs with each other. As a program, it
 * prints the digest of the back end that its JVM chose, and that back end's name.
 */
final class KernelDigest {

    private KernelDigest() {}

    /** Prints the digest. */
    public static void main(String[] arguments) {
        System.out.println(Long.toHexString(of(Backend.kernels())) + " " + Backend.kernels().name());
    }

    static long of(Kernels kernels) {
        long digest = 0;
        int seed = 100;
        for (WeightNorm layer : Samples.layers()) {
            List<float[]> directions = List.of(Samples.floats(layer.size(), seed++, 4), Samples.floats(layer.size(), seed++, 127),
                    Samples.specials(layer.size(), seed++));
            float[] g = Samples.floats(layer.channelCount(), seed++, 40);
            for (float[] v : directions) {
                for (Output output : Output.values()) {
                    float[] out = new float[output == Output.WEIGHT ? layer.size() : layer.channelCount()];
                    kernels.apply(output, layer, v, 0, g, 0, out, 0);
                    for (float value : out) {
                        // FNV-1a, a whole float at a time.
                        digest = (digest ^ Float.floatToRawIntBits(value)) * 0x100000001b3L;
                    }
                }
            }
        }
        return digest;
    }
}
