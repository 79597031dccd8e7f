package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint to write and to fold, and a look at what that leaves. */
abstract class OneFold {
    final CheckpointFolder folder = CheckpointFolder.defaults();

    @TempDir
    Path directory;

    Path in;
    Path out;

    @BeforeEach
    void nameFiles() {
        in = directory.resolve("in.safetensors");
        out = directory.resolve("out.safetensors");
    }

    static CheckpointBuilder twoPairs() {
        return new CheckpointBuilder().metadata("format", "pt").floats("bias", List.of(2L), 1, 2)
                .floats("a_g", List.of(1L, 1L), 10).floats("a_v", List.of(1L, 2L), 3, 4)
                .floats("b_v", DataType.BF16, List.of(1L, 2L), 5, 12).floats("b_g", DataType.BF16, List.of(1L, 1L), 13);
    }

    void assertRefused(String expected) throws IOException {
        assertRefused(folder, expected);
    }

    void assertRefused(CheckpointFolder refusing, String expected) throws IOException {
        String message = assertThrows(CheckpointException.class, () -> refusing.fold(in, out)).getMessage();
        assertTrue(message.startsWith(in + ": "), message);
        assertTrue(message.contains(expected), message);
        assertNoTraces();
    }

    void assertNoTraces(String... others) throws IOException {
        Set<String> expected = new TreeSet<>(List.of(others));
        expected.add("in.safetensors");
        assertEquals(expected, filesInDirectory());
    }

    Set<String> filesInDirectory() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    float[] folded(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            return file.floats(name);
        }
    }
}
