package io.github.weightnorm.example.hifigan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.Fixtures;
import io.github.weightnorm.checkpoint.CheckpointBuilder;
import io.github.weightnorm.checkpoint.FoldedCheckpoint;
import io.github.weightnorm.checkpoint.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The example engine: against PyTorch's own output, and layer by layer against the formulas. */
class GeneratorTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"generator, generator", "generator.folded, generator", "generator_v1, generator_v1"})
    void soundsAsInPyTorch(String generator, String io) throws IOException {
        try (FoldedCheckpoint file = FoldedCheckpoint.open(Fixtures.path(io + ".io.safetensors"))) {
            float[] waveform = Generator.load(Fixtures.path(generator + ".safetensors"), List.of()).apply(mel(file));
            double difference = Vocode.largestDifference(file.floats("waveform"), waveform);
            assertTrue(difference < 1e-6, () -> "off by " + difference);
        }
    }

    /** The weights that the command line tool writes are those that the engine folds by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"generator", "generator_v1"})
    @Tag("once")
    void theSameBitsFromWeightsThatTheCommandFolded(String name) throws Exception {
        Path folded = directory.resolve("folded.safetensors");
        Process fold = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Main.class.getName(), "fold", "--quiet",
                Fixtures.path(name + ".safetensors").toString(), folded.toString()).inheritIO().start();
        assertEquals(0, fold.waitFor());
        try (FoldedCheckpoint file = FoldedCheckpoint.open(Fixtures.path(name + ".io.safetensors"))) {
            float[] foldedFirst = Generator.load(folded, List.of()).apply(mel(file));
            float[] foldedHere = Generator.load(Fixtures.path(name + ".safetensors"), List.of()).apply(mel(file));
            assertEquals(ByteBuffer.wrap(bytes(foldedFirst)), ByteBuffer.wrap(bytes(foldedHere)));
        }
    }

    /** What the shapes don't tell matters: with other dilations it is another model. */
    @Test
    void dilationsCanBeStated() throws IOException {
        Path generator = Fixtures.path("generator.safetensors");
        try (FoldedCheckpoint file = FoldedCheckpoint.open(Fixtures.path("generator.io.safetensors"))) {
            float[] conventional = Generator.load(generator, List.of()).apply(mel(file));
            int[] usual = {1, 3};
            assertArrayEquals(conventional, Generator.load(generator, List.of(usual, usual, usual)).apply(mel(file)));
            List<int[]> ofV3 = List.of(new int[] {1, 2}, new int[] {2, 6}, new int[] {3, 12});
            assertTrue(Vocode.largestDifference(conventional, Generator.load(generator, ofV3).apply(mel(file))) > 1e-3);
        }
        assertRefused(generator, List.of(usual(2)), "dilations: 1 lists (expected: 3, one for each block)");
        assertRefused(generator, List.of(usual(2), usual(3), usual(2)), "dilations: 3 for resblocks.1 (expected: 2)");
    }

    private static int[] usual(int count) {
        return IntStream.range(0, count).map(i -> 2 * i + 1).toArray();
    }

    @Test
    void tellsTheTopology() throws IOException {
        Generator generator = Generator.load(Fixtures.path("generator_v1.safetensors"), List.of());
        assertEquals("80 bands, 32 channels, then 16, 8, 4, 2, upsampling 8·8·2·2, 3 blocks a stage", generator.toString());
        assertEquals(256, generator.upsampling());
    }

    @Test
    void refusesOtherBands() throws IOException {
        Generator generator = Generator.load(Fixtures.path("generator.safetensors"), List.of());
        String message = assertThrows(IllegalArgumentException.class, () -> generator.apply(new float[79][5])).getMessage();
        assertEquals("mel: 79 bands (expected: 80)", message);
    }

    @ParameterizedTest
    @CsvSource({
        "conv_pre 4 2 7, 'ups, resblocks: 0, 0 (expected: some of either, and as many blocks for each of the stages)'",
        "conv_pre 4 2 7; ups.0 4 2 4, 'ups, resblocks: 1, 0 (expected: some'",
        "conv_pre 4 2 6, 'conv_pre: kernel size 6 (expected: odd'",
        "conv_pre 4 2, 'conv_pre.weight: [4, 2] (expected: three dimensions)'",
        "conv_pre 4 2 7; ups.0 5 2 4; resblocks.0.convs.0 2 2 3, 'ups.0.weight: [5, 2, 4] (expected: 4 inputs)'",
        "conv_pre 4 2 7; ups.0 4 2 3; resblocks.0.convs.0 2 2 3, 'ups.0: kernel size 3 (expected: twice an even stride'",
        "conv_pre 4 2 7; ups.0 4 2 4; resblocks.0.convs.0 3 2 3, 'resblocks.0.convs.0.weight: [3, 2, 3] (expected: 2 outputs)'",
        "conv_pre 4 2 7; ups.0 4 2 4; resblocks.0.convs.0 2 3 3, 'resblocks.0.convs.0.weight: [2, 3, 3] (expected: 2 inputs)'",
        "conv_pre 4 2 7; ups.0 4 2 4; resblocks.0.convs.0 2 2 3; conv_post 2 2 7, 'conv_post.weight: [2, 2, 7] (expected: 1 output)'",
        "conv_pre 4 2 7; ups.0 4 2 4; resblocks.0.convs.0 2 2 3; conv_post 1 4 7, 'conv_post.weight: [1, 4, 7] (expected: 2 inputs)'",
    })
    void refusesLayersThatDoNotFit(String layers, String expected) throws IOException {
        CheckpointBuilder builder = new CheckpointBuilder();
        for (String layer : layers.split("; ")) {
            String[] words = layer.split(" ");
            List<Long> shape = new ArrayList<>();
            for (int i = 1; i < words.length; i++) {
                shape.add(Long.parseLong(words[i]));
            }
            builder.floats(words[0] + ".weight", shape, new float[(int) shape.stream().mapToLong(n -> n).reduce(1, (a, b) -> a * b)]);
            long biases = shape.get(words[0].startsWith("ups") ? 1 : 0);
            builder.floats(words[0] + ".bias", List.of(biases), new float[(int) biases]);
        }
        assertRefused(builder.write(directory.resolve("x.safetensors")), List.of(), expected);
    }

    private static void assertRefused(Path generator, List<int[]> dilations, String expected) {
        String message = assertThrows(IllegalArgumentException.class, () -> Generator.load(generator, dilations)).getMessage();
        assertTrue(message.startsWith(expected), message);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1, 1", "3, 2, 7, 5, 1", "2, 3, 3, 4, 12", "1, 2, 11, 2500, 5", "2, 1, 3, 1024, 1", "1, 1, 3, 1025, 3"})
    void aConvolutionIsItsFormula(int outs, int ins, int kernel, int length, int dilation) {
        float[][] x = signal(ins, length);
        Parameters parameters = parameters(new int[] {outs, ins, kernel}, outs);
        float[][] y = new Conv1d(parameters, dilation).apply(x);
        for (int o = 0; o < outs; o++) {
            for (int t = 0; t < length; t++) {
                double sum = parameters.bias()[o];
                for (int i = 0; i < ins; i++) {
                    for (int k = 0; k < kernel; k++) {
                        int at = t + k * dilation - dilation * (kernel - 1) / 2;
                        sum += at < 0 || at >= length ? 0 : (double) parameters.weight()[(o * ins + i) * kernel + k] * x[i][at];
                    }
                }
                assertEquals(sum, y[o][t], 1e-5, o + " " + t);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 4, 1", "3, 2, 16, 5", "2, 3, 8, 1023", "2, 1, 4, 1024", "1, 2, 4, 2100"})
    void aTransposedConvolutionIsItsFormula(int ins, int outs, int kernel, int length) {
        float[][] x = signal(ins, length);
        Parameters parameters = parameters(new int[] {ins, outs, kernel}, outs);
        int stride = kernel / 2;
        double[][] expected = new double[outs][length * stride];
        for (int o = 0; o < outs; o++) {
            Arrays.fill(expected[o], parameters.bias()[o]);
            for (int i = 0; i < ins; i++) {
                for (int t = 0; t < length; t++) {
                    for (int k = 0; k < kernel; k++) {
                        int at = t * stride + k - (kernel - stride) / 2;
                        if (at >= 0 && at < expected[o].length) {
                            expected[o][at] += (double) parameters.weight()[(i * outs + o) * kernel + k] * x[i][t];
                        }
                    }
                }
            }
        }
        float[][] y = new ConvTranspose1d(parameters).apply(x);
        for (int o = 0; o < outs; o++) {
            for (int t = 0; t < expected[o].length; t++) {
                assertEquals(expected[o][t], y[o][t], 1e-5, o + " " + t);
            }
        }
    }

    private static float[][] signal(int channels, int length) {
        Random random = new Random(channels * 31L + length);
        float[][] signal = new float[channels][length];
        for (float[] row : signal) {
            for (int t = 0; t < length; t++) {
                row[t] = random.nextFloat() - 0.5f;
            }
        }
        return signal;
    }

    private static Parameters parameters(int[] shape, int biases) {
        return new Parameters("layer", shape, signal(1, shape[0] * shape[1] * shape[2])[0], signal(1, biases)[0]);
    }

    @Test
    void theCommandWritesAWavFile() throws IOException {
        Path wav = directory.resolve("x.wav");
        StringWriter out = new StringWriter();
        int exitCode = Vocode.commandLine().setOut(new PrintWriter(out)).execute("--sampling-rate", "16000", "--dilations", "1,3/1,3/1,3",
                Fixtures.path("generator.safetensors").toString(), Fixtures.path("generator.io.safetensors").toString(), wav.toString());
        assertEquals(0, exitCode);
        assertTrue(out.toString().contains("real-time factor"), out::toString);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(wav)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(44 + 2 * 4096, bytes.limit());
        assertEquals(16000, bytes.getInt(24));
    }

    @Test
    void theCommandSaysInALineWhatIsWrong() {
        StringWriter err = new StringWriter();
        String missing = directory.resolve("missing").toString();
        assertEquals(1, Vocode.commandLine().setErr(new PrintWriter(err)).execute(missing, missing, missing));
        assertEquals("vocode: " + missing, err.toString().strip());
    }

    /** Byte for byte what the format says, with samples at both ends, beyond them, and between. */
    @Test
    void aWavFileIsWhatItsFormatSays() throws IOException {
        Path wav = directory.resolve("x.wav");
        Wav.write(new float[] {0, 1, -1, 2, -2, 0.5f, Float.NaN}, 22050, wav);
        ByteBuffer expected = ByteBuffer.allocate(58).order(ByteOrder.LITTLE_ENDIAN);
        expected.put("RIFF".getBytes()).putInt(50).put("WAVEfmt ".getBytes()).putInt(16).putShort((short) 1).putShort((short) 1)
                .putInt(22050).putInt(44100).putShort((short) 2).putShort((short) 16).put("data".getBytes()).putInt(14);
        for (int sample : new int[] {0, 32767, -32767, 32767, -32767, 16384, 0}) {
            expected.putShort((short) sample);
        }
        assertArrayEquals(expected.array(), Files.readAllBytes(wav));
    }

    private static float[][] mel(FoldedCheckpoint file) throws IOException {
        return Vocode.rows(file.shape("mel"), file.floats("mel"));
    }

    private static byte[] bytes(float[] floats) {
        ByteBuffer bytes = ByteBuffer.allocate(floats.length * Float.BYTES);
        bytes.asFloatBuffer().put(floats);
        return bytes.array();
    }
}
