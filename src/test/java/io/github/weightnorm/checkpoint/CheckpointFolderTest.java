package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointFolderTest {
    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    private final CheckpointFolder folder = CheckpointFolder.defaults();

    @TempDir
    Path directory;

    Path in;
    Path out;

    @BeforeEach
    void nameFiles() {
        in = directory.resolve("in.safetensors");
        out = directory.resolve("out.safetensors");
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void aWeightHasTheTypeOfItsDirection(DataType type) throws IOException {
        new CheckpointBuilder().floats("w_v", type, List.of(2L, 2L), 3, 4, 0, -0.5f).floats("w_g", List.of(2L, 1L), 10, 2)
                .write(in);
        folder.fold(in, out);
        assertEquals(type, inspectOutput("w").dataType());
        assertArrayEquals(new float[] {6, 8, 0, -2}, folded("w"));
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void theGainMayHaveAnyType(DataType type) throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(1L, 2L), 3, 4).floats("w_g", type, List.of(1L), 10).write(in);
        folder.fold(in, out);
        assertArrayEquals(new float[] {6, 8}, folded("w"));
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void allWeightsCanBeWrittenInOneType(DataType type) throws IOException {
        twoPairs().write(in);
        folder.dataType(type).fold(in, out);
        assertEquals(type, inspectOutput("a").dataType());
        assertEquals(type, inspectOutput("b").dataType());
        assertEquals(DataType.F32, inspectOutput("bias").dataType());
        assertArrayEquals(new float[] {6, 8}, folded("a"));
    }

    @Test
    void noOtherTypeIsAccepted() {
        String message = assertThrows(IllegalArgumentException.class, () -> folder.dataType(DataType.I8)).getMessage();
        assertEquals("dataType: I8 (expected: F64, F32, F16 or BF16)", message);
    }

    @Test
    void aPaddleGainOfOneDimensionKeepsAxisZero() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 2L), 3, 4, 6, 8).floats("w_g", List.of(2L), 5, 20).write(in);
        assertEquals(0, folder.fold(in, out).weights().get(0).keptAxis());
        assertArrayEquals(new float[] {3, 4, 12, 16}, folded("w"));
    }

    @Test
    void aGainOfNoDimensionsScalesTheWholeTensor() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 2L), 1, 1, 1, 1).floats("w_g", List.of(), 6).write(in);
        assertEquals(-1, folder.fold(in, out).weights().get(0).keptAxis());
        assertArrayEquals(new float[] {3, 3, 3, 3}, folded("w"));
    }

    @Test
    void aMiddleAxisIsKept() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 2L, 1L), 3, 0, 4, 2).floats("w_g", List.of(1L, 2L, 1L), 5, 7).write(in);
        assertEquals(1, folder.fold(in, out).weights().get(0).keptAxis());
        assertArrayEquals(new float[] {3, 0, 4, 7}, folded("w"));
    }

    @Test
    void theReportTellsNormsAndZeroChannels() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(3L, 2L), 3, 4, 0, 0, 6, 8).floats("w_g", List.of(3L, 1L), 1, 1, 1)
                .write(in);
        FoldedWeight weight = folder.fold(in, out).weights().get(0);
        assertEquals(new FoldedWeight("w", List.of(3L, 2L), 0, 3, 0, 10, 1), weight);
        assertArrayEquals(new float[] {0.6f, 0.8f, 0, 0, 0.6f, 0.8f}, folded("w"));
    }

    @Test
    void nothingToFoldWritesNothing() throws IOException {
        new CheckpointBuilder().floats("spectral.weight_v", List.of(2L), 1, 2).write(in);
        FoldReport report = folder.fold(in, out);
        assertEquals(List.of(), report.weights());
        assertEquals(Set.of("in.safetensors"), filesInDirectory());
    }

    @Test
    void emptyTensorsPassThrough() throws IOException {
        twoPairs().bytes("empty", DataType.I64, List.of(0L, 3L)).write(in);
        folder.fold(in, out);
        assertEquals(List.of(0L, 3L), inspectOutput("empty").shape());
    }

    @Test
    void metadataThatIsEmptyStaysSo() throws IOException {
        CheckpointBuilder.write(in, "{\"__metadata__\":{},\"w_v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"w_g\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8);
        folder.fold(in, out);
        assertTrue(Files.readString(out, StandardCharsets.ISO_8859_1).contains("\"__metadata__\":{}"));
    }

    @Test
    void namesBeyondAsciiSurvive() throws IOException {
        new CheckpointBuilder().metadata("注", "\u0001\"\\/🎵").floats("重み🎵\n_v", List.of(1L), 2).floats("重み🎵\n_g", List.of(1L), 3)
                .write(in);
        folder.fold(in, out);
        assertArrayEquals(new float[] {3}, folded("重み🎵\n"));
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            assertEquals("\u0001\"\\/🎵", file.metadata().get("注"));
        }
    }

    // NaN, infinity and the range of the types

    @ParameterizedTest
    @ValueSource(floats = {NAN, INFINITY, -INFINITY})
    void aDirectionThatIsNotFiniteIsRefused(float value) throws IOException {
        new CheckpointBuilder().floats("c.w_v", List.of(3L, 2L), 1, 2, 3, 4, 5, value).floats("c.w_g", List.of(3L, 1L), 1, 1, 1)
                .write(in);
        assertRefused("weight 'c.w' from 'c.w_v': channel 2 holds NaN or infinity (--allow-non-finite or allowNonFinite(true) folds it)");
    }

    @ParameterizedTest
    @ValueSource(floats = {NAN, INFINITY, -INFINITY})
    void aGainThatIsNotFiniteIsRefused(float value) throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 2L), 1, 2, 3, 4).floats("w_g", List.of(1L, 2L), 1, value).write(in);
        assertRefused("weight 'w' from 'w_v': channel 1 holds NaN or infinity");
    }

    @Test
    void theChannelIsCountedOverAllChunks() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(3L, 2L), 1, 2, 3, 4, 5, NAN).floats("w_g", List.of(3L, 1L), 1, 1, 1)
                .write(in);
        assertRefused(folder.chunkElements(2), "channel 2 holds NaN or infinity");
    }

    @Test
    void theChannelOfAnInnerAxisIsNamed() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 3L, 2L), 1, 1, 1, 1, 1, 1, 1, 1, 1, NAN, 1, 1)
                .floats("w_g", List.of(1L, 3L, 1L), 1, 1, 1).write(in);
        assertRefused("channel 1 holds NaN or infinity");
    }

    @Test
    void nonFiniteChannelsAreFoldedOnRequestAndLeaveTheOthersAlone() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(3L, 2L), 3, 4, 1, NAN, 6, 8).floats("w_g", List.of(3L, 1L), 5, 1, INFINITY)
                .write(in);
        FoldedWeight weight = folder.allowNonFinite(true).fold(in, out).weights().get(0);
        assertArrayEquals(new float[] {3, 4, NAN, NAN, INFINITY, INFINITY}, folded("w"));
        assertTrue(Float.isNaN(weight.smallestNorm()) && Float.isNaN(weight.largestNorm()));
    }

    @Test
    void aFiniteChannelWhoseNormIsBeyondFloatIsFolded() throws IOException {
        float large = Float.MAX_VALUE;
        new CheckpointBuilder().floats("w_v", List.of(1L, 4L), large, large, -large, large).floats("w_g", List.of(1L, 1L), 2)
                .write(in);
        assertEquals(INFINITY, folder.fold(in, out).weights().get(0).largestNorm());
        assertArrayEquals(new float[] {1, 1, -1, 1}, folded("w"));
    }

    @Test
    void aWeightBeyondTheResultsTypeIsRefused() throws IOException {
        new CheckpointBuilder().floats("w_v", DataType.F16, List.of(2L, 1L), 1, -1).floats("w_g", List.of(2L, 1L), 65519, 65520)
                .write(in);
        assertRefused("weight 'w' from 'w_v': channel 1 holds -65520.0, beyond the range of F16 (--dtype f32 widens the result)");
        folder.dataType(DataType.F32).fold(in, out);
        assertArrayEquals(new float[] {65519, -65520}, folded("w"));
    }

    @Test
    void aWeightBeyondTheResultsTypeIsRefusedBesideNonFiniteChannelsToo() throws IOException {
        new CheckpointBuilder().floats("w_v", DataType.F16, List.of(2L, 1L), NAN, 1).floats("w_g", List.of(2L, 1L), 1, 70000)
                .write(in);
        assertRefused(folder.allowNonFinite(true), "channel 1 holds 70000.0, beyond the range of F16");
    }

    @Test
    void aDoubleBeyondFloatIsRefused() throws IOException {
        byte[] bytes = new byte[8];
        bytes[7] = 0x7f; // 5e306
        new CheckpointBuilder().bytes("w_v", DataType.F64, List.of(1L), bytes).floats("w_g", List.of(1L), 1).write(in);
        assertRefused("tensor 'w_v': holds a finite number beyond the range of float");
    }

    @Test
    void aTensorThatNoArrayHoldsIsRefused() throws IOException {
        long columns = Integer.MAX_VALUE;
        String json = "{\"w_v\":{\"dtype\":\"F16\",\"shape\":[1," + columns + "],\"data_offsets\":[0," + 2 * columns + "]},"
                + "\"w_g\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[" + 2 * columns + "," + (2 * columns + 2) + "]}}";
        CheckpointBuilder.write(in, json, 0);
        try (RandomAccessFile sparse = new RandomAccessFile(in.toFile(), "rw")) {
            sparse.setLength(sparse.length() + 2 * columns + 2);
        }
        assertRefused("tensor 'w_v': F16 [1, 2147483647] needs 2147483647 elements in memory at once, and a Java array holds ");
    }

    // The output: whole or not at all

    @Test
    void anExistingOutputIsRefused() throws IOException {
        twoPairs().write(in);
        Files.writeString(out, "mine");
        FileAlreadyExistsException refusal = assertThrows(FileAlreadyExistsException.class, () -> folder.fold(in, out));
        assertEquals(out.toString(), refusal.getFile());
        assertEquals("mine", Files.readString(out));
        assertNoTraces("out.safetensors");
    }

    @Test
    void anExistingOutputIsReplacedOnRequest() throws IOException {
        twoPairs().write(in);
        Files.writeString(out, "mine");
        folder.overwrite(true).fold(in, out);
        assertArrayEquals(new float[] {6, 8}, folded("a"));
        assertNoTraces("out.safetensors");
    }

    @Test
    void aFailureLeavesTheExistingOutput() throws IOException {
        twoPairs().floats("z_v", List.of(1L), NAN).floats("z_g", List.of(1L), 1).write(in);
        Files.writeString(out, "mine");
        assertThrows(CheckpointException.class, () -> folder.overwrite(true).fold(in, out));
        assertEquals("mine", Files.readString(out));
        assertNoTraces("out.safetensors");
    }

    @Test
    void theInputIsNeverReplaced() throws IOException {
        twoPairs().write(in);
        byte[] before = Files.readAllBytes(in);
        Files.createLink(out, in);
        for (Path same : List.of(in, directory.resolve("./in.safetensors"), out)) {
            FileSystemException refusal =
                    assertThrows(FileSystemException.class, () -> folder.overwrite(true).fold(in, same));
            assertEquals("is the input itself, which is never replaced", refusal.getReason());
        }
        assertArrayEquals(before, Files.readAllBytes(in));
        assertNoTraces("out.safetensors");
    }

    @Test
    void aDirectoryIsNoOutput() throws IOException {
        twoPairs().write(in);
        Files.createDirectory(out);
        FileSystemException refusal = assertThrows(FileSystemException.class, () -> folder.overwrite(true).fold(in, out));
        assertEquals("is a directory", refusal.getReason());
        assertNoTraces("out.safetensors");
    }

    @Test
    void aMissingDirectoryIsNotMade() throws IOException {
        twoPairs().write(in);
        Path deep = directory.resolve("absent/out.safetensors");
        NoSuchFileException refusal = assertThrows(NoSuchFileException.class, () -> folder.fold(in, deep));
        assertEquals("its directory does not exist", refusal.getReason());
        assertNoTraces();
    }

    @ParameterizedTest
    @ValueSource(strings = {"target", "absent"})
    void aLinkIsNoOutput(String leadsTo) throws IOException {
        assumeTrue(isPosix(directory));
        twoPairs().write(in);
        Files.writeString(directory.resolve("target"), "mine");
        Files.createSymbolicLink(out, directory.resolve(leadsTo));
        for (boolean overwrite : new boolean[] {false, true}) {
            FileSystemException refusal =
                    assertThrows(FileSystemException.class, () -> folder.overwrite(overwrite).fold(in, out));
            assertEquals("is a symbolic link, which is never replaced", refusal.getReason());
        }
        assertTrue(Files.isSymbolicLink(out));
        assertEquals("mine", Files.readString(directory.resolve("target")));
        assertNoTraces("out.safetensors", "target");
    }

    @Test
    void theOutputHasTheUsualPermissions() throws IOException {
        assumeTrue(isPosix(directory));
        twoPairs().write(in);
        folder.fold(in, out);
        assertEquals(PosixFilePermissions.toString(Files.getPosixFilePermissions(in)),
                PosixFilePermissions.toString(Files.getPosixFilePermissions(out)));
    }

    @Test
    void anOutputThatAppearsMeanwhileIsNotReplaced() throws IOException {
        twoPairs().write(in);
        FoldProgress intruder = (written, total) -> unchecked(() -> Files.writeString(out, "mine"));
        assertThrows(FileAlreadyExistsException.class, () -> folder.progress(intruder).fold(in, out));
        assertEquals("mine", Files.readString(out));
        assertNoTraces("out.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bias", "w_v"})
    void anInputThatIsTruncatedMeanwhileIsRefused(String last) throws IOException {
        CheckpointBuilder builder = new CheckpointBuilder().floats("w_g", List.of(2L, 1L), 1, 2);
        builder = last.equals("bias") ? builder.floats("w_v", List.of(2L, 2L), 1, 2, 3, 4).floats("bias", List.of(2L), 1, 2)
                : builder.floats("bias", List.of(2L), 1, 2).floats("w_v", List.of(2L, 2L), 1, 2, 3, 4);
        builder.write(in);
        long size = Files.size(in);
        FoldProgress truncation = (written, total) -> unchecked(() -> {
            try (FileChannel channel = FileChannel.open(in, StandardOpenOption.WRITE)) {
                return channel.truncate(size - 4);
            }
        });
        assertRefused(folder.progress(truncation), "changed while it was read: it had " + size + " bytes, and now has "
                + (size - 4));
    }

    @Test
    void anInputThatIsReplacedMeanwhileIsFoldedAsItWas() throws IOException {
        assumeTrue(isPosix(directory));
        twoPairs().write(in);
        FoldProgress replacement = (written, total) -> unchecked(() ->
                Files.move(Files.writeString(directory.resolve("other"), "other"), in, StandardCopyOption.REPLACE_EXISTING));
        folder.progress(replacement).fold(in, out);
        assertArrayEquals(new float[] {6, 8}, folded("a"));
    }

    @Test
    void aFailingListenerLeavesNothing() throws IOException {
        twoPairs().write(in);
        FoldProgress failing = (written, total) -> {
            throw new IllegalStateException("stop");
        };
        assertThrows(IllegalStateException.class, () -> folder.progress(failing).fold(in, out));
        assertNoTraces();
    }

    @Test
    void progressGrowsToTheSizeOfTheOutput() throws IOException {
        twoPairs().write(in);
        List<Long> steps = new ArrayList<>();
        Set<Long> totals = new TreeSet<>();
        long bytes = folder.progress((written, total) -> {
            steps.add(written);
            totals.add(total);
        }).fold(in, out).bytes();
        assertEquals(steps.stream().sorted().toList(), steps);
        assertEquals(bytes, steps.get(steps.size() - 1));
        assertEquals(Set.of(bytes), totals);
    }

    private static CheckpointBuilder twoPairs() {
        return new CheckpointBuilder().metadata("format", "pt").floats("bias", List.of(2L), 1, 2)
                .floats("a_g", List.of(1L, 1L), 10).floats("a_v", List.of(1L, 2L), 3, 4)
                .floats("b_v", DataType.BF16, List.of(1L, 2L), 5, 12).floats("b_g", DataType.BF16, List.of(1L, 1L), 13);
    }

    private interface FileAction<T> {
        T run() throws IOException;
    }

    private static <T> void unchecked(FileAction<T> action) {
        try {
            action.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView("posix");
    }

    private void assertRefused(String expected) throws IOException {
        assertRefused(folder, expected);
    }

    private void assertRefused(CheckpointFolder refusing, String expected) throws IOException {
        String message = assertThrows(CheckpointException.class, () -> refusing.fold(in, out)).getMessage();
        assertTrue(message.startsWith(in + ": "), message);
        assertTrue(message.contains(expected), message);
        assertNoTraces();
    }

    private void assertNoTraces(String... others) throws IOException {
        Set<String> expected = new TreeSet<>(List.of(others));
        expected.add("in.safetensors");
        assertEquals(expected, filesInDirectory());
    }

    private Set<String> filesInDirectory() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private TensorInfo inspectOutput(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            return file.tensorsByName().get(name);
        }
    }

    private float[] folded(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            return file.floats(name);
        }
    }
}
