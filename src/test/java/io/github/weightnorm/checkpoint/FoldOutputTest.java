package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The output is whole, or what it was before; the input stays what it is. */
class FoldOutputTest extends OneFold {
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
        twoPairs().floats("z_v", List.of(1L), Float.NaN).floats("z_g", List.of(1L), 1).write(in);
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
}
