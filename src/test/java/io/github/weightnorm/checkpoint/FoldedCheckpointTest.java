package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.Fixtures;
import io.github.weightnorm.WeightNorm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FoldedCheckpointTest {
    private static final float NAN = Float.NaN;

    @TempDir
    Path directory;

    Path in;

    @BeforeEach
    void nameTheFile() {
        in = directory.resolve("in.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"generator", "codec.legacy", "codec.parametrized", "codec.f16", "codec.bf16", "codec.folded"})
    void readsTheBitsOfTheFoldedFile(String name) throws IOException {
        Path source = Fixtures.path(name + ".safetensors");
        Path out = directory.resolve("out.safetensors");
        FoldReport report = CheckpointFolder.defaults().dataType(DataType.F32).fold(source, out);
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(source);
                SafetensorsFile folded = SafetensorsFile.open(report.weights().isEmpty() ? source : out)) {
            assertEquals(folded.tensorsByName().keySet(), checkpoint.names());
            assertEquals(folded.metadata(), checkpoint.metadata());
            for (TensorInfo tensor : folded.tensors()) {
                assertArrayEquals(Fixtures.shape(folded, tensor.name()), checkpoint.shape(tensor.name()), tensor.name());
                if (tensor.dataType().isFoldable()) {
                    assertSameBits(folded.floats(tensor.name()), checkpoint.floats(tensor.name()), tensor.name());
                }
            }
        }
    }

    @Test
    void aWeightOfManyChunksIsTheSame() throws IOException {
        int rows = 3;
        int columns = CheckpointFolder.CHUNK_ELEMENTS - 1;
        float[] v = new float[rows * columns];
        for (int i = 0; i < v.length; i++) {
            v[i] = i * 37 % 1001 - 500;
        }
        new CheckpointBuilder().floats("w_v", List.of((long) rows, (long) columns), v).floats("w_g", List.of(3L, 1L), 1, 2, 3).write(in);
        float[] expected = v.clone();
        WeightNorm.linear(rows, columns).reconstruct(v, new float[] {1, 2, 3}, expected);
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            assertSameBits(expected, checkpoint.floats("w"), "w");
        }
    }

    @Test
    void namesComeInTheOrderOfTheDataAndAWeightWhereItsDirectionIs() throws IOException {
        new CheckpointBuilder().metadata("k", "v").floats("x", List.of(1L), 7).floats("b_g", List.of(1L), 2).floats("a_v", List.of(1L), 3)
                .floats("y", List.of(1L), 8).floats("b_v", List.of(1L), 4).floats("a_g", List.of(1L), 5).write(in);
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            assertEquals(List.of("x", "a", "y", "b"), new ArrayList<>(checkpoint.names()));
            assertEquals(Map.of("k", "v"), checkpoint.metadata());
            assertThrows(UnsupportedOperationException.class, () -> checkpoint.names().remove("x"));
        }
    }

    @Test
    void writesToAnArrayOfTheCallersAndNowhereElse() throws IOException {
        pair(3, 4).floats("b", List.of(2L), 5, 6).write(in);
        float[] arena = {1, 1, 1, 1, 1, 1};
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            checkpoint.floats("w", arena, 1);
            assertArrayEquals(new float[] {1, 6, 8, 1, 1, 1}, arena);
            checkpoint.floats("b", arena, 4);
            assertArrayEquals(new float[] {1, 6, 8, 1, 5, 6}, arena);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 2, 3, 4, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesAnOffsetThatLeavesTooLittleRoom(int offset) throws IOException {
        pair(3, 4).write(in);
        float[] target = {1, 1, 1};
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            String message = assertThrows(IndexOutOfBoundsException.class, () -> checkpoint.floats("w", target, offset)).getMessage();
            assertEquals("targetOffset: " + offset + " (expected: room for the 2 elements of 'w' in target, whose length is 3)", message);
            assertThrows(NullPointerException.class, () -> checkpoint.floats("w", null, 0));
        }
        assertArrayEquals(new float[] {1, 1, 1}, target);
    }

    @ParameterizedTest
    @CsvSource({"w_v, '''w_v'', it is folded into ''w'''", "w_g, '''w_g'', it is folded into ''w'''", "absent, '''absent'''",
        "'\u001b[31m', '''\\u001b[31m'''"})
    void aNameThatIsNotThereIsRefused(String name, String expected) throws IOException {
        pair(3, 4).write(in);
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            for (ThrowingRead read : List.<ThrowingRead>of(checkpoint::shape, checkpoint::floats, n -> checkpoint.floats(n, new float[9], 0))) {
                String message = assertThrows(CheckpointException.class, () -> read.of(name)).getMessage();
                assertEquals(in + ": there is no tensor " + expected, message);
            }
        }
    }

    @Test
    void elementsOfOtherTypesAreRefused() throws IOException {
        new CheckpointBuilder().bytes("step", DataType.I64, List.of(), new byte[8]).write(in);
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            assertArrayEquals(new int[0], checkpoint.shape("step"));
            assertTrue(assertThrows(CheckpointException.class, () -> checkpoint.floats("step")).getMessage().contains("type I64"));
            assertThrows(CheckpointException.class, () -> checkpoint.floats("step", new float[1], 0));
        }
    }

    @Test
    void channelsThatAreNotFiniteAreFoldedOnRequestOnly() throws IOException {
        pair(NAN, 4).write(in);
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            String message = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertEquals(in + ": weight 'w' from 'w_v': channel 0 holds NaN or infinity (--allow-non-finite or allowNonFinite(true)"
                    + " folds it)", message);
            assertSameBits(new float[] {NAN, NAN}, checkpoint.allowNonFinite(true).floats("w"), "w");
            assertThrows(CheckpointException.class, () -> checkpoint.allowNonFinite(true).allowNonFinite(false).floats("w"));
        }
    }

    @Test
    void anAmbiguousCheckpointIsRefusedAndClosed() throws IOException {
        pair(3, 4).floats("w", List.of(1L), 1).write(in);
        String message = assertThrows(CheckpointException.class, () -> FoldedCheckpoint.open(in)).getMessage();
        assertEquals(in + ": 'w_v', 'w_g' would become 'w', which is there too", message);
        Files.delete(in); // which Windows refuses while the file is open
        assertThrows(NoSuchFileException.class, () -> FoldedCheckpoint.open(in));
    }

    @Test
    void emptyTensorsAndSingleNumbersAreRead() throws IOException {
        new CheckpointBuilder().floats("none", List.of(0L, 3L)).floats("one", List.of(), 5).write(in);
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            assertArrayEquals(new int[] {0, 3}, checkpoint.shape("none"));
            assertEquals(0, checkpoint.floats("none").length);
            assertArrayEquals(new float[] {5}, checkpoint.floats("one"));
        }
    }

    @Test
    void aDimensionOrASizeBeyondArraysIsRefused() throws IOException {
        long columns = 1L << 31;
        String json = "{\"w_v\":{\"dtype\":\"F16\",\"shape\":[1," + columns + "],\"data_offsets\":[0," + 2 * columns + "]},"
                + "\"w_g\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[" + 2 * columns + "," + (2 * columns + 2) + "]}}";
        CheckpointBuilder.write(in, json, 0);
        try (RandomAccessFile sparse = new RandomAccessFile(in.toFile(), "rw")) {
            sparse.setLength(sparse.length() + 2 * columns + 2);
        }
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            String shape = assertThrows(CheckpointException.class, () -> checkpoint.shape("w")).getMessage();
            assertTrue(shape.contains("tensor 'w': F16 [1, 2147483648] has a dimension beyond"), shape);
            String size = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertTrue(size.contains("'w_v': F16 [1, 2147483648] needs 2147483648 elements in memory at once"), size);
            assertThrows(IndexOutOfBoundsException.class, () -> checkpoint.floats("w", new float[1], 0));
        }
    }

    @Test
    void aCheckpointThatIsTruncatedMeanwhileIsRefused() throws IOException {
        pair(3, 4).write(in);
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in)) {
            try (RandomAccessFile file = new RandomAccessFile(in.toFile(), "rw")) {
                file.setLength(file.length() - 1);
            }
            String message = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertTrue(message.contains("changed while it was read"), message);
        }
    }

    @Test
    void manyThreadsReadAtOnce() throws Exception {
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(Fixtures.path("generator.safetensors"))) {
            List<float[]> expected = new ArrayList<>();
            for (String name : checkpoint.names()) {
                expected.add(checkpoint.floats(name));
            }
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Future<float[]>> read = new ArrayList<>();
                for (int round = 0; round < 20; round++) {
                    for (String name : checkpoint.names()) {
                        read.add(threads.submit(() -> checkpoint.floats(name)));
                    }
                }
                for (int i = 0; i < read.size(); i++) {
                    assertSameBits(expected.get(i % expected.size()), read.get(i).get(), "read " + i);
                }
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void nothingIsReadOnceItIsClosed() throws IOException {
        pair(3, 4).write(in);
        FoldedCheckpoint checkpoint = FoldedCheckpoint.open(in);
        checkpoint.close();
        checkpoint.close();
        assertThrows(ClosedChannelException.class, () -> checkpoint.floats("w"));
    }

    private interface ThrowingRead {
        void of(String name) throws IOException;
    }

    /** A row of two with a gain of 10: 6, 8 from 3, 4. */
    private static CheckpointBuilder pair(float... row) {
        return new CheckpointBuilder().floats("w_v", List.of(1L, (long) row.length), row).floats("w_g", List.of(1L, 1L), 10);
    }

    private static void assertSameBits(float[] expected, float[] actual, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]), what + " " + i);
        }
    }
}
