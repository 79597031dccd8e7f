package io.github.weightnorm.checkpoint.cli;

import io.github.weightnorm.checkpoint.DataType;
import io.github.weightnorm.checkpoint.LargeCheckpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Folds sparse checkpoints from 10 MB to 6 GiB in a heap of 256 MiB, and one with a tensor of more than 2^31 elements; looks at the
 * numbers of sampled rows, and tells the times.
 *
 * <p>Argument: an empty directory on a disk with 7 GiB of room.
 */
final class ScaleTrials {
    private static final int COLUMNS = 3146;

    private ScaleTrials() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        System.out.println("| weights | type, shape | input MiB | seconds | MiB/s |\n| --- | --- | --- | --- | --- |");
        for (int weights : new int[] {2, 16, 125, 500, 1000}) {
            fold(directory, weights, 512, COLUMNS, DataType.F32, 4);
        }
        fold(directory, 1, 4_300_000, 500, DataType.F16, 1000);
    }

    private static void fold(Path directory, int weights, long rows, long columns, DataType type, long filledRows) throws Exception {
        Path in = directory.resolve("in.safetensors");
        Path out = directory.resolve("out.safetensors");
        LargeCheckpoint.write(in, weights, rows, columns, type, filledRows);
        long started = System.nanoTime();
        CommandProcess fold = CommandProcess.start(directory, Map.of(), "",
                List.of("-Xmx256m", "--add-modules", "jdk.incubator.vector"), "fold", "--quiet", in, out);
        int exitCode = fold.exitCode();
        double seconds = (System.nanoTime() - started) / 1e9;
        if (exitCode != 0) {
            throw new AssertionError("exit code " + exitCode + ": " + fold.errors());
        }
        LargeCheckpoint.verify(in, out, filledRows);
        double mebibytes = Files.size(in) / 0x1p20;
        System.out.println(String.format(Locale.ROOT, "| %d | %s `[%d, %d]` | %.0f | %.2f | %.0f |", weights, type, rows, columns,
                mebibytes, seconds, mebibytes / seconds));
        Files.delete(in);
        Files.delete(out);
    }
}
