package io.github.weightnorm.checkpoint.cli;

import io.github.weightnorm.checkpoint.DataType;
import io.github.weightnorm.checkpoint.LargeCheckpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Folds sparse checkpoints from 10 MB to 6 GiB in a heap of 256 MiB, and one with a tensor of more than 2^31 elements; looks at the
 * numbers of sampled rows, and tells the times, beside what the disk alone takes to have as many zeros.
 *
 * <p>Argument: an empty directory on a disk with 13 GiB of room.
 */
final class ScaleTrials {
    private static final int COLUMNS = 3146;

    private ScaleTrials() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        System.out.println("| weights | type, shape | input MiB | seconds | zeros written and forced, seconds |\n| --- | --- | --- | --- | --- |");
        for (int weights : new int[] {2, 16, 125, 500, 1000}) {
            fold(directory, weights, 512, COLUMNS, DataType.F32, 4);
        }
        fold(directory, 1, 4_300_000, 500, DataType.F16, 1000);
    }

    private static void fold(Path directory, int weights, long rows, long columns, DataType type, long filledRows) throws Exception {
        Path in = directory.resolve("in.safetensors");
        Path out = directory.resolve("out.safetensors");
        LargeCheckpoint.write(in, weights, rows, columns, type, filledRows);
        // A virtual machine may have to be given its memory first, and then a gigabyte takes longer than on a disk.
        zeros(directory, 2 * Files.size(in));
        long started = System.nanoTime();
        CommandProcess fold = CommandProcess.start(directory, Map.of(), "",
                List.of("-Xmx256m", "--add-modules", "jdk.incubator.vector"), "fold", "--quiet", in, out);
        int exitCode = fold.exitCode();
        double seconds = (System.nanoTime() - started) / 1e9;
        if (exitCode != 0) {
            throw new AssertionError("exit code " + exitCode + ": " + fold.errors());
        }
        LargeCheckpoint.verify(in, out, filledRows);
        long inBytes = Files.size(in);
        long outBytes = Files.size(out);
        Files.delete(in);
        Files.delete(out);
        System.out.println(String.format(Locale.ROOT, "| %d | %s `[%d, %d]` | %.0f | %.2f | %.2f |", weights, type, rows, columns,
                inBytes / 0x1p20, seconds, zeros(directory, outBytes)));
    }

    /** The seconds to write that many bytes and to force them to the disk. */
    private static double zeros(Path directory, long bytes) throws IOException {
        Path file = directory.resolve("zeros");
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 19);
        long started = System.nanoTime();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long written = 0; written < bytes; ) {
                written += channel.write(buffer.clear());
            }
            channel.force(true);
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        Files.delete(file);
        return seconds;
    }
}
