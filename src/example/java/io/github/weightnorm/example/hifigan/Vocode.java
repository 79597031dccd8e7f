package io.github.weightnorm.example.hifigan;

import io.github.weightnorm.WeightNorm;
import io.github.weightnorm.checkpoint.FoldedCheckpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command: reads a generator and a mel spectrogram, writes a WAV file, and tells how fast and how near to PyTorch that was. */
@Command(name = "vocode", mixinStandardHelpOptions = true, description = "Turns a mel spectrogram into sound with HiFi-GAN.")
final class Vocode implements Callable<Integer> {
    private static final int ROUNDS = 30;

    @Parameters(index = "0", paramLabel = "GENERATOR", description = "a safetensors file, weight-normalized or folded")
    private Path generatorFile;
    @Parameters(index = "1", paramLabel = "MEL", description = "a safetensors file with mel [1, bands, frames], and maybe the waveform to"
            + " compare with")
    private Path melFile;
    @Parameters(index = "2", paramLabel = "WAV", description = "the file to write")
    private Path wavFile;
    @Option(names = "--sampling-rate", paramLabel = "HZ", defaultValue = "22050", description = "default: ${DEFAULT-VALUE}")
    private int samplingRate;
    @Option(names = "--dilations", split = "/", paramLabel = "LIST", description = "those of each block of a stage, 1,2/2,6/3,12 for"
            + " HiFi-GAN's V3 configuration (default: 1, 3, 5, ... in all)")
    private List<String> dilations = List.of();
    @Spec
    private CommandSpec command;

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param arguments what the user typed
     */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Vocode()).setExecutionExceptionHandler((failure, commandLine, parsed) -> {
            commandLine.getErr().println("vocode: " + failure.getMessage());
            return 1;
        });
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = command.commandLine().getOut();
        long begin = System.nanoTime();
        Generator generator = Generator.load(generatorFile, dilations.stream().map(Vocode::integers).toList());
        out.printf(Locale.ROOT, "%s: %s; loaded in %.0f ms, back end %s%n", generatorFile.getFileName(), generator,
                (System.nanoTime() - begin) / 1e6, WeightNorm.backend());
        float[][] mel;
        float[] expected;
        try (FoldedCheckpoint file = FoldedCheckpoint.open(melFile)) {
            mel = rows(file.shape("mel"), file.floats("mel"));
            expected = file.names().contains("waveform") ? file.floats("waveform") : null;
        }
        double[] seconds = new double[ROUNDS];
        float[] waveform = null;
        for (int round = 0; round < ROUNDS; round++) {
            long started = System.nanoTime();
            waveform = generator.apply(mel);
            seconds[round] = (System.nanoTime() - started) / 1e9;
        }
        double audio = (double) waveform.length / samplingRate;
        double median = Arrays.stream(seconds, ROUNDS / 2, ROUNDS).sorted().toArray()[ROUNDS / 4];
        out.printf(Locale.ROOT, "%.3f s of sound in %.2f ms, real-time factor %.3f (one thread, median of %d passes; the first of all took"
                + " %.0f ms)%n", audio, 1e3 * median, median / audio, ROUNDS / 2, 1e3 * seconds[0]);
        if (expected != null) {
            out.printf(Locale.ROOT, "largest difference to the waveform in %s: %.2e%n", melFile.getFileName(),
                    largestDifference(expected, waveform));
        }
        Wav.write(waveform, samplingRate, wavFile);
        out.println("wrote " + wavFile);
        out.flush();
        return 0;
    }

    /** {@code [1, bands, frames]} or {@code [bands, frames]} as rows. */
    static float[][] rows(int[] shape, float[] elements) {
        int rank = shape.length;
        if (rank < 2 || rank > 3 || elements.length == 0 || rank == 3 && shape[0] != 1) {
            throw new IllegalArgumentException("mel: " + Arrays.toString(shape) + " (expected: [1, bands, frames] or [bands, frames])");
        }
        int frames = shape[rank - 1];
        float[][] rows = new float[shape[rank - 2]][];
        for (int band = 0; band < rows.length; band++) {
            rows[band] = Arrays.copyOfRange(elements, band * frames, (band + 1) * frames);
        }
        return rows;
    }

    static double largestDifference(float[] expected, float[] actual) {
        if (expected.length != actual.length) {
            throw new IllegalArgumentException("waveform: " + actual.length + " samples (expected: " + expected.length + ")");
        }
        double largest = 0;
        for (int t = 0; t < expected.length; t++) {
            largest = Math.max(largest, Math.abs((double) expected[t] - actual[t]));
        }
        return largest;
    }

    private static int[] integers(String list) {
        return Arrays.stream(list.split(",")).mapToInt(Integer::parseInt).toArray();
    }
}
