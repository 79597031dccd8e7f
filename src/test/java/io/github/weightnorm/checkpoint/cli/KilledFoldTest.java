package io.github.weightnorm.checkpoint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.checkpoint.CheckpointBuilder;
import io.github.weightnorm.checkpoint.LargeCheckpoint;
import io.github.weightnorm.checkpoint.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process: signals, limits and locales. */
@Tag("once")
@DisabledOnOs(OS.WINDOWS)
class KilledFoldTest {
    @TempDir
    Path directory;

    @Test
    void aKilledFoldLeavesTheInputAndAWholeOutputOrNone() throws Exception {
        KillTrials trials = new KillTrials(directory, 4, 1);
        trials.run(false, false, false);
        trials.run(false, true, true);
        trials.run(true, false, false);
        assertEquals(3, trials.finishedFirst + trials.stopped());
    }

    @Test
    void aTerminatedFoldRemovesItsTemporaryFileAndSaysSo() throws Exception {
        Path in = directory.resolve("in.safetensors");
        LargeCheckpoint.write(in, 8192, 512, 512, DataType.F32, 1); // 8 GiB: the signal comes first
        CommandProcess fold = CommandProcess.start(directory, "fold", in, directory.resolve("out.safetensors"));
        while (fold.isAlive() && files().stream().noneMatch(file -> file.endsWith(".tmp"))) {
            Thread.sleep(1);
        }
        fold.terminate();
        assertEquals(143, fold.exitCode());
        assertEquals("weightnorm: interrupted, so nothing was written", fold.errors().strip());
        assertEquals(Set.of("in.safetensors"), files());
    }

    @Test
    void aFileThatMayNotGrowAnyMoreIsSaidInOneLine() throws Exception {
        Path in = directory.resolve("in.safetensors");
        Path out = directory.resolve("out.safetensors");
        LargeCheckpoint.write(in, 4, 512, 512, DataType.F32, 512);
        byte[] before = Files.readAllBytes(in);
        // Blocks of 512 bytes or of 1024, as the shell has it: less than the output in any case, and enough for the JVM's own files.
        CommandProcess fold = CommandProcess.start(directory, Map.of(), "ulimit -f 2048", List.of("-XX:-UsePerfData"), "fold", in, out);
        assertEquals(1, fold.exitCode());
        assertEquals("weightnorm: " + out + ": File too large", fold.errors().strip());
        assertEquals(Set.of("in.safetensors"), files());
        assertEquals(-1, mismatch(before, in));
    }

    @Test
    void aHeaderThatDoesNotFitInMemoryIsSaidInOneLine() throws Exception {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; json.length() < 6_000_000; i++) {
            json.append(i == 0 ? "" : ",").append('"').append(i).append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        Path in = CheckpointBuilder.write(directory.resolve("in.safetensors"), json.append('}').toString(), 0);
        CommandProcess inspect = CommandProcess.start(directory, Map.of(), "", List.of("-Xmx24m", "-XX:+UseSerialGC"), "inspect", in);
        assertEquals(1, inspect.exitCode());
        assertEquals("weightnorm: not enough memory: run java with a larger -Xmx", inspect.errors().strip());
    }

    @Test
    void aNameOutsideTheLocalesCharactersIsSaidInOneLine() throws Exception {
        Path in = checkpoint("in.safetensors");
        CommandProcess fold = CommandProcess.start(directory, Map.of("LC_ALL", "C"), "", List.of(), "fold", in, directory + "/größer 重み");
        assertEquals(2, fold.exitCode());
        String errors = fold.errors().strip();
        assertTrue(errors.contains("is no file name in this locale, whose character set is "), errors);
        assertTrue(errors.contains("LC_ALL=C.UTF-8"), errors);
        assertEquals(1, errors.lines().count(), errors);
        assertEquals(Set.of("in.safetensors"), files());
    }

    @Test
    void namesWithSpacesAndOtherLettersWork() throws Exception {
        CommandProcess fold = CommandProcess.start(directory, Map.of("LC_ALL", "C.UTF-8"), "",
                List.of("-Dsun.jnu.encoding=UTF-8"), "fold", checkpoint("a checkpoint.safetensors"), directory + "/größer 重み");
        assertEquals(0, fold.exitCode(), fold.errors());
        assertEquals(2, files().size());
    }

    private Path checkpoint(String name) throws IOException {
        return new CheckpointBuilder().floats("w_v", List.of(1L, 2L), 3, 4).floats("w_g", List.of(1L, 1L), 5)
                .write(directory.resolve(name));
    }

    private static int mismatch(byte[] expected, Path file) throws IOException {
        return Arrays.mismatch(expected, Files.readAllBytes(file));
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> !name.startsWith("stderr"))
                    .collect(Collectors.toSet());
        }
    }
}
