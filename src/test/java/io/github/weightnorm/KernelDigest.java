package io.github.weightnorm;

import io.github.weightnorm.Kernels.Output;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A digest of the bits of each kernel's output for each layout of {@link Samples#allLengths}: to compare JVMs and CPUs with each other,
 * and with what {@code golden/kernels.txt} holds.
 */
final class KernelDigest {

    /** How the program's own lines begin; a JVM may print others between them. */
    static final String LINE = "digest: ";
    static final String BACK_END = "back end: ";
    /** In place of a spread: special values. */
    private static final int SPECIALS = 0;

    private KernelDigest() {}

    /** Prints the digests of the back end that this JVM chose, and its name; or writes the scalar one's into the file that is named. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 1) {
            Files.write(Path.of(arguments[0]), of(new ScalarKernels()));
            return;
        }
        of(Backend.kernels()).forEach(line -> System.out.println(LINE + line));
        System.out.println(BACK_END + Backend.kernels().name());
    }

    /** What the scalar back end came to when the canonical order of summation was fixed. */
    static List<String> golden() throws IOException {
        try (InputStream file = KernelDigest.class.getResourceAsStream("/golden/kernels.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    static List<String> of(Kernels kernels) {
        List<String> lines = new ArrayList<>();
        int seed = 100;
        for (WeightNorm layer : Samples.allLengths()) {
            List<float[]> directions = List.of(Samples.floats(layer.size(), seed++, 4), Samples.floats(layer.size(), seed++, 127),
                    Samples.specials(layer.size(), seed++));
            float[] g = Samples.floats(layer.channelCount(), seed++, 40);
            for (Output output : List.of(Output.NORM, Output.SCALE, Output.WEIGHT)) {
                lines.add(line(layer, output.name(), of(kernels, output, layer, directions, g)));
            }
            lines.add(line(layer, "DIRECTION", of(kernels, Output.WEIGHT, layer, directions, null)));
            lines.add(line(layer, "WEIGHT IN PLACE", inPlace(kernels, layer, directions, g)));
        }
        addGradients(GradientKernels.of(kernels, () -> new VectorGradients()), lines);
        return lines;
    }

    private static void addGradients(GradientKernels kernels, List<String> lines) {
        int seed = 10_000;
        for (WeightNorm layer : Samples.allLengths()) {
            long apart = 0;
            long inPlace = 0;
            for (int spread : new int[] {4, 127, SPECIALS}) {
                float[] dw = floats(layer.size(), seed++, spread);
                float[] v = floats(layer.size(), seed++, spread);
                float[] g = floats(layer.channelCount(), seed++, spread);
                float[] dv = new float[v.length];
                float[] dg = new float[g.length];
                kernels.apply(layer, dw, 0, v, 0, g, 0, dv, 0, dg, 0);
                apart = digest(digest(apart, dv), dg);
                kernels.apply(layer, dw, 0, v, 0, g, 0, dw, 0, g, 0);
                inPlace = digest(digest(inPlace, dw), g);
            }
            lines.add(line(layer, "GRADIENTS", apart));
            lines.add(line(layer, "GRADIENTS IN PLACE", inPlace));
        }
    }

    private static float[] floats(int count, int seed, int spread) {
        return spread == SPECIALS ? Samples.specials(count, seed) : Samples.floats(count, seed, spread);
    }

    private static String line(WeightNorm layer, String kernel, long digest) {
        return layer + " " + kernel + " " + Long.toHexString(digest);
    }

    private static long of(Kernels kernels, Output output, WeightNorm layer, List<float[]> directions, float[] g) {
        long digest = 0;
        for (float[] v : directions) {
            float[] out = new float[output == Output.WEIGHT ? layer.size() : layer.channelCount()];
            kernels.apply(output, layer, v, 0, g, 0, out, 0);
            digest = digest(digest, out);
        }
        return digest;
    }

    private static long inPlace(Kernels kernels, WeightNorm layer, List<float[]> directions, float[] g) {
        long digest = 0;
        for (float[] v : directions) {
            float[] out = v.clone();
            kernels.apply(Output.WEIGHT, layer, out, 0, g, 0, out, 0);
            digest = digest(digest, out);
        }
        return digest;
    }

    /** FNV-1a, a whole float at a time. */
    private static long digest(long digest, float[] values) {
        for (float value : values) {
            digest = (digest ^ Float.floatToRawIntBits(value)) * 0x100000001b3L;
        }
        return digest;
    }
}
