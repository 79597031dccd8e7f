package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Repeats what the fuzzer started from, what it came by, and what it found, in {@code CheckpointFuzzInputs}. */
@Tag("once")
class FuzzCorpusTest {

    static List<Path> headers() throws IOException, URISyntaxException {
        return inputs("header");
    }

    static List<Path> files() throws IOException, URISyntaxException {
        return inputs("fold");
    }

    private static List<Path> inputs(String target) throws IOException, URISyntaxException {
        Path corpus = Path.of(FuzzCorpusTest.class.getResource("CheckpointFuzzInputs/" + target).toURI());
        try (Stream<Path> inputs = Files.list(corpus)) {
            List<Path> sorted = inputs.sorted().toList();
            assertTrue(sorted.size() > 10, corpus + " is the corpus");
            return sorted;
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aHeader(Path input) throws IOException {
        FuzzChecks.header(Files.readAllBytes(input));
    }

    @ParameterizedTest
    @MethodSource("files")
    void aFile(Path input, @TempDir Path directory) throws IOException {
        FuzzChecks.fold(Files.readAllBytes(input), directory);
    }
}
