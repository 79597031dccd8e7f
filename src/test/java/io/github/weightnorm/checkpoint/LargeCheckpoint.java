package io.github.weightnorm.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Writes a checkpoint of any size: pairs {@code layer.0.weight_g}, {@code layer.0.weight_v} and so on, all of one shape.
 *
 * <p>Arguments: file, number of weights, rows, columns, type, and how many rows of each weight hold numbers. The others are zeros which
 * take no room on a disk with sparse files.
 */
public final class LargeCheckpoint {
    private static final int GAIN = 3;
    /** How many rows with numbers in them are looked at, of each weight. */
    private static final int SAMPLES = 20;

    private LargeCheckpoint() {}

    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Long.parseLong(arguments[2]), Long.parseLong(arguments[3]),
                DataType.valueOf(arguments[4]), Long.parseLong(arguments[5]));
    }

    /** Gains are 3. The rows with numbers lie at equal distances; the first is row 0. */
    public static void write(Path file, int weights, long rows, long columns, DataType type, long filledRows) throws IOException {
        List<TensorInfo> tensors = new ArrayList<>();
        long end = 0;
        for (int weight = 0; weight < weights; weight++) {
            for (String part : List.of("g", "v")) {
                List<Long> shape = part.equals("g") ? List.of(rows, 1L) : List.of(rows, columns);
                long bytes = rows * (part.equals("g") ? 1 : columns) * type.bytes();
                tensors.add(new TensorInfo("layer." + weight + ".weight_" + part, type, shape, end, end + bytes));
                end += bytes;
            }
        }
        ByteBuffer header = new Header(Optional.of(Map.of("format", "pt")), tensors).encode();
        SplittableRandom random = new SplittableRandom(6);
        float[] row = new float[Math.toIntExact(Math.max(rows, columns))];
        ByteBuffer bytes = SafetensorsFile.buffer(Math.multiplyExact(row.length, type.bytes()));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            long dataBegin = header.limit();
            channel.write(header);
            channel.write(ByteBuffer.allocate(1), dataBegin + end - 1);
            for (TensorInfo tensor : tensors) {
                boolean gain = tensor.name().endsWith("g");
                int length = Math.toIntExact(gain ? rows : columns);
                long step = gain ? rows : Math.max(1, rows / filledRows);
                for (long at = 0; at < rows; at += step) {
                    for (int i = 0; i < length; i++) {
                        row[i] = gain ? GAIN : (float) (random.nextDouble() - 0.5);
                    }
                    type.encode(row, 0, length, bytes.clear());
                    long position = dataBegin + tensor.begin() + at * length * type.bytes();
                    bytes.limit(length * type.bytes());
                    while (bytes.hasRemaining()) {
                        channel.write(bytes, position + bytes.position());
                    }
                }
            }
        }
    }

    /** Looks at some rows with numbers and at the zeros beside them. */
    public static void verify(Path in, Path out, long filledRows) throws IOException {
        ByteBuffer buffer = SafetensorsFile.buffer(1 << 16);
        try (SafetensorsFile before = SafetensorsFile.open(in); SafetensorsFile after = SafetensorsFile.open(out)) {
            for (TensorInfo weight : after.tensors()) {
                TensorInfo direction = before.tensorsByName().get(weight.name() + "_v");
                long rows = weight.shape().get(0);
                long step = Math.max(1, rows / filledRows);
                long sampled = step * Math.max(1, filledRows / SAMPLES);
                for (long row = 0; row < rows; row += sampled) {
                    verify(before, direction, after, weight, row, buffer);
                    verify(before, direction, after, weight, Math.min(row + 1, rows - 1), buffer);
                }
                verify(before, direction, after, weight, rows - 1, buffer);
            }
        }
    }

    private static void verify(SafetensorsFile before, TensorInfo direction, SafetensorsFile after, TensorInfo weight, long row,
            ByteBuffer buffer) throws IOException {
        int columns = Math.toIntExact(weight.shape().get(1));
        float[] v = new float[columns];
        float[] w = new float[columns];
        before.read(direction, row * columns, v, 0, columns, buffer);
        after.read(weight, row * columns, w, 0, columns, buffer);
        double sum = 0;
        for (float x : v) {
            sum += (double) x * x;
        }
        double tolerance = weight.dataType() == DataType.F16 ? 0x1p-10 : 0x1p-22;
        for (int i = 0; i < columns; i++) {
            double expected = sum == 0 ? 0 : GAIN * v[i] / Math.sqrt(sum);
            if (!(Math.abs(w[i] - expected) <= tolerance * Math.abs(expected) + 0x1p-24)) {
                throw new AssertionError(weight.name() + " [" + row + ", " + i + "]: " + w[i] + " in place of " + expected);
            }
        }
    }
}
