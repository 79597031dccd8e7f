package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the world around a fold can do to it. */
class FaultsTest extends OneFold {
    byte[] before;

    @BeforeEach
    void writeCheckpoint() throws IOException {
        new CheckpointBuilder().floats("bias", List.of(2L), 1, 2).floats("w_v", List.of(2L, 2L), 3, 4, 5, 12)
                .floats("w_g", List.of(2L, 1L), 5, 26).write(in);
        before = Files.readAllBytes(in);
    }

    @AfterEach
    void forgetAnInterruption() {
        Thread.interrupted();
    }

    @Test
    void anInterruptedThreadLeavesNothing() throws IOException {
        FoldProgress interruption = (written, total) -> Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, () -> folder.progress(interruption).fold(in, out));
        assertTrue(Thread.interrupted());
        assertUntouchedInputAnd();
    }

    @Test
    void aReadErrorNamesTheInput() throws IOException {
        try (SafetensorsFile broken = broken(16)) {
            FileSystemException failure = assertThrows(FileSystemException.class, () -> broken.floats("w_v"));
            assertEquals(in.toString(), failure.getFile());
            assertEquals("cannot be read: Input/output error", failure.getReason());
            assertEquals("Input/output error", failure.getCause().getMessage());
            assertArrayEquals(new float[] {1, 2}, broken.floats("bias"));
        }
    }

    @Test
    void aReadErrorInACopyIsNotBlamedOnTheOutput() throws IOException {
        try (SafetensorsFile broken = broken(0); OutputFile output = OutputFile.create(out, false, 8, (written, total) -> { }, null)) {
            FileSystemException failure =
                    assertThrows(FileSystemException.class, () -> output.copy(broken, broken.tensors().get(0)));
            assertEquals(in.toString(), failure.getFile());
            assertEquals("cannot be read: Input/output error", failure.getReason());
        }
        assertUntouchedInputAnd();
    }

    @Test
    void aWriteErrorInACopyIsNotBlamedOnTheInput() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        try (SafetensorsFile checkpoint = SafetensorsFile.open(in);
                FileChannel channel = FileChannel.open(full, StandardOpenOption.WRITE);
                OutputFile output = new OutputFile(out, directory.resolve("absent"), channel, false, 8, (written, total) -> { }, null)) {
            FileSystemException failure =
                    assertThrows(FileSystemException.class, () -> output.copy(checkpoint, checkpoint.tensors().get(0)));
            assertEquals(out.toString(), failure.getFile());
            assertEquals("No space left on device", failure.getReason());
            failure = assertThrows(FileSystemException.class, () -> output.write(ByteBuffer.allocate(8)));
            assertEquals(out.toString(), failure.getFile());
            assertEquals("No space left on device", failure.getReason());
        }
    }

    @Test
    void anInputThatIsWrittenToMeanwhileIsRefused() throws IOException {
        Files.setLastModifiedTime(in, FileTime.fromMillis(0));
        FoldProgress writer = (written, total) -> unchecked(() -> Files.write(in, before));
        String message = assertThrows(CheckpointException.class,
                () -> folder.progress(writer).fold(in, out)).getMessage();
        assertTrue(message.startsWith(in + ": changed while it was read: it was written to at "), message);
        assertUntouchedInputAnd();
    }

    @Test
    void anInputThatIsRemovedMeanwhileIsFoldedAsItWas() throws IOException {
        FoldProgress removal = (written, total) -> unchecked(() -> Files.deleteIfExists(in));
        folder.progress(removal).fold(in, out);
        assertFolded(out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sub/../in.safetensors", "./in.safetensors", "sub/link/in.safetensors"})
    void theInputByAnyNameIsNeverReplaced(String name) throws IOException {
        Files.createDirectory(directory.resolve("sub"));
        Files.createSymbolicLink(directory.resolve("sub/link"), directory);
        Path same = directory.resolve(name);
        FileSystemException refusal =
                assertThrows(FileSystemException.class, () -> folder.overwrite(true).fold(in, same));
        assertEquals("is the input itself, which is never replaced", refusal.getReason());
        assertUntouchedInputAnd("sub");
    }

    @Test
    void theInputMayBeALinkAsInACacheOfModels() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), in);
        folder.fold(link, out);
        assertFolded(out);
        FileSystemException refusal =
                assertThrows(FileSystemException.class, () -> folder.overwrite(true).fold(link, in));
        assertEquals("is the input itself, which is never replaced", refusal.getReason());
        assertUntouchedInputAnd("link", "out.safetensors");
    }

    @Test
    void aDeviceIsNeitherInputNorOutput() throws IOException {
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device));
        assertEquals("/dev/null: is not a regular file",
                assertThrows(CheckpointException.class, () -> folder.fold(device, out)).getMessage());
        FileSystemException refusal =
                assertThrows(FileSystemException.class, () -> folder.overwrite(true).fold(in, device));
        assertEquals("is not a regular file", refusal.getReason());
        assertUntouchedInputAnd();
    }

    @Test
    void aDirectoryWithoutPermissionIsNamed() throws IOException {
        Path closed = Files.createDirectory(directory.resolve("closed"));
        assumeTrue(Files.getFileStore(closed).supportsFileAttributeView("posix"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeFalse(Files.isWritable(closed), "the superuser may write everywhere");
        Path there = closed.resolve("out.safetensors");
        FileSystemException refusal = assertThrows(FileSystemException.class, () -> folder.fold(in, there));
        assertEquals(there.toString(), refusal.getFile());
        assertEquals("permission denied in its directory", refusal.getReason());
        assertUntouchedInputAnd("closed");
    }

    @Test
    void aFileSystemWithoutLinksGetsTheWholeFileAndKeepsWhatIsThere() throws IOException {
        // A zip file has no links, but everything else that an output needs.
        URI archive = URI.create("jar:" + directory.resolve("archive.zip").toUri());
        try (FileSystem zip = FileSystems.newFileSystem(archive, Map.of("create", "true"))) {
            Path inside = zip.getPath("/out.safetensors");
            assertThrows(UnsupportedOperationException.class, () -> Files.createLink(inside, zip.getPath("/other")));
            folder.fold(in, inside);
            assertFolded(inside);
            byte[] first = Files.readAllBytes(inside);
            assertThrows(FileAlreadyExistsException.class, () -> folder.fold(in, inside));
            assertArrayEquals(first, Files.readAllBytes(inside));
            folder.overwrite(true).fold(in, inside);
            try (Stream<Path> files = Files.list(zip.getPath("/"))) {
                assertEquals(List.of(inside), files.toList());
            }
        }
        assertUntouchedInputAnd("archive.zip");
    }

    private SafetensorsFile broken(int goodDataBytes) throws IOException {
        long dataBytes = 8 + 16 + 8;
        return new SafetensorsFile(in, Files.readAttributes(in, BasicFileAttributes.class),
                new BrokenChannel(FileChannel.open(in), Files.size(in) - dataBytes + goodDataBytes));
    }

    private interface FileAction {
        void run() throws IOException;
    }

    private static void unchecked(FileAction action) {
        try {
            action.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertFolded(Path file) throws IOException {
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertArrayEquals(new float[] {3, 4, 10, 24}, checkpoint.floats("w"));
        }
    }

    private void assertUntouchedInputAnd(String... others) throws IOException {
        assertArrayEquals(before, Files.readAllBytes(in));
        assertNoTraces(others);
    }
}
