package io.github.weightnorm.checkpoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Searches for bytes that break what {@link FuzzChecks} states, guided by coverage: {@code mvn -q -Dfuzz=header}.
 *
 * <p>What it finds, Jazzer adds to {@code CheckpointFuzzInputs} in the test resources, where the ordinary tests pick it up.
 */
class CheckpointFuzz {

    @FuzzTest(maxDuration = "20m")
    void header(byte[] input) throws IOException {
        FuzzChecks.header(input);
    }

    @FuzzTest(maxDuration = "20m")
    void fold(byte[] input) throws IOException {
        Path directory = Files.createTempDirectory("weightnorm-fuzz");
        try {
            FuzzChecks.fold(input, directory);
        } finally {
            for (String name : new String[] {"in", "out", "by pieces"}) {
                Files.deleteIfExists(directory.resolve(name));
            }
            Files.deleteIfExists(directory);
        }
    }
}
