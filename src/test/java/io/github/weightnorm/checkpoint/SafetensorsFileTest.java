package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are read, and those that are refused before their header. */
class SafetensorsFileTest extends OneFile {
    @Test
    void readsTensorsMetadataAndFloats() throws IOException {
        new CheckpointBuilder().metadata("format", "pt").metadata("a", "ü\"\\\n🎵")
                .floats("w", List.of(2L, 3L), 1, 2, 3, 4, 5, 6)
                .floats("h", DataType.F16, List.of(2L), 0.5f, -2)
                .floats("scalar", DataType.F64, List.of(), 7)
                .bytes("empty", DataType.I64, List.of(0L, 5L))
                .bytes("step", DataType.I64, List.of(), new byte[8])
                .write(file);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertEquals(file, checkpoint.path());
            assertEquals(Map.of("format", "pt", "a", "ü\"\\\n🎵"), checkpoint.metadata());
            assertEquals(List.of("format", "a"), List.copyOf(checkpoint.metadata().keySet()));
            assertEquals(List.of("w", "h", "scalar", "empty", "step"), checkpoint.tensors().stream().map(TensorInfo::name)
                    .toList());
            assertEquals(new TensorInfo("w", DataType.F32, List.of(2L, 3L), 0, 24), checkpoint.tensors().get(0));
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, checkpoint.floats("w"));
            assertArrayEquals(new float[] {0.5f, -2}, checkpoint.floats("h"));
            assertArrayEquals(new float[] {7}, checkpoint.floats("scalar"));
        }
    }

    @Test
    void aTensorLargerThanTheBufferIsReadWhole() throws IOException {
        float[] values = new float[SafetensorsFile.BUFFER_BYTES / 4 * 2 + 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        new CheckpointBuilder().floats("w", List.of((long) values.length), values).write(file);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertArrayEquals(values, checkpoint.floats("w"));
        }
    }

    @Test
    void rowsBeyondTheElementsOfAnyArrayAreRead() throws IOException {
        long rows = 1L << 28;
        int columns = 9; // 2^31 elements and 2^28 more
        long bytes = 2 * rows * columns;
        CheckpointBuilder.write(file, entry("\"dtype\":\"BF16\",\"shape\":[" + rows + "," + columns + "],\"data_offsets\":[0,"
                + bytes + "]"), 0);
        try (FileChannel sparse = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] last = new byte[2 * columns];
            last[1] = 0x3f;
            last[2 * columns - 1] = 0x40;
            sparse.write(ByteBuffer.wrap(last), sparse.size() + bytes - last.length);
        }
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            float[] row = new float[columns];
            checkpoint.read(checkpoint.tensors().get(0), (rows - 1) * columns, row, 0, columns, SafetensorsFile.buffer(16));
            assertArrayEquals(new float[] {0.5f, 0, 0, 0, 0, 0, 0, 0, 2}, row);
            checkpoint.read(checkpoint.tensors().get(0), (rows - 2) * columns, row, 0, columns, SafetensorsFile.buffer(16));
            assertArrayEquals(new float[columns], row);
            String message = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertTrue(message.endsWith("needs 2415919104 elements in memory at once, and a Java array holds at most 2147483639"),
                    message);
        }
    }

    @Test
    void floatsOfAnAbsentTensorOrAnotherTypeAreRefused() throws IOException {
        new CheckpointBuilder().bytes("step", DataType.I64, List.of(), new byte[8]).write(file);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            String absent = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertEquals(file + ": there is no tensor 'w'", absent);
            String integers = assertThrows(CheckpointException.class, () -> checkpoint.floats("step")).getMessage();
            assertEquals(file + ": tensor 'step': elements of type I64 are not read as floats, only F64, F32, F16 and BF16",
                    integers);
        }
    }

    @Test
    void aDoubleBeyondFloatIsRefused() throws IOException {
        byte[] bytes = new byte[8];
        bytes[7] = 0x7f; // 5e306
        new CheckpointBuilder().bytes("w", DataType.F64, List.of(1L), bytes).write(file);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            String message = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertEquals(file + ": tensor 'w': holds a finite number beyond the range of float, in which weights are computed",
                    message);
        }
    }

    @Test
    void refusesADirectory() {
        file = directory;
        assertRefused("is a directory");
    }

    @Test
    void aMissingFileIsReportedAsSuch() {
        assertThrows(NoSuchFileException.class, () -> SafetensorsFile.open(directory.resolve("absent")));
    }

    @Test
    void refusesAnEmptyFile() throws IOException {
        Files.createFile(file);
        assertRefused("not a safetensors file: 0 bytes, where the header's length alone takes 8");
    }

    @Test
    void refusesAFileOfSevenBytes() throws IOException {
        Files.write(file, new byte[7]);
        assertRefused("not a safetensors file: 7 bytes, where the header's length alone takes 8");
    }

    @Test
    void refusesAHeaderOfNoBytes() throws IOException {
        Files.write(file, new byte[8]);
        assertRefused("the header must be a JSON object and begin with '{'");
    }

    @Test
    void refusesAHeaderLengthBeyondTheFile() throws IOException {
        Files.write(file, CheckpointBuilder.concatenation(CheckpointBuilder.length(100), "{}".getBytes(StandardCharsets.UTF_8)));
        assertRefused("the header's length is 100 bytes, but only 2 follow; is the file truncated?");
    }

    @ParameterizedTest
    @CsvSource({"100000001, 100000001", "9223372036854775807, 9223372036854775807", "-9223372036854775808, 9223372036854775808",
        "-1, 18446744073709551615"})
    void refusesAHeaderLengthBeyondTheLimit(long length, String unsigned) throws IOException {
        Files.write(file, CheckpointBuilder.length(length));
        assertRefused("the header's length is " + unsigned + " bytes, the limit is 100000000");
    }
}
