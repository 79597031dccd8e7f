package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import io.github.weightnorm.Fixtures;
import io.github.weightnorm.WeightNorm;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both back ends write the same bytes, each in a JVM of its own. */
class BackEndsFoldAlikeTest {

    private static final List<String> CHECKPOINTS = List.of("generator", "codec.legacy", "codec.parametrized", "codec.f16", "codec.bf16");

    @Test
    void everyCheckpoint(@TempDir Path directory) throws Exception {
        Path scalar = Files.createDirectory(directory.resolve("scalar"));
        Path vector = Files.createDirectory(directory.resolve("vector"));
        foldAll(scalar, "scalar", "-Dweightnorm.backend=scalar");
        foldAll(vector, "vector", "--add-modules", "jdk.incubator.vector", "-Dweightnorm.backend=vector");
        for (String name : CHECKPOINTS) {
            assertEquals(-1, Files.mismatch(scalar.resolve(name), vector.resolve(name)), name);
        }
    }

    /** What the forked JVM does: folds every checkpoint into a directory. */
    public static void main(String[] arguments) throws IOException {
        for (String name : CHECKPOINTS) {
            CheckpointFolder.defaults().fold(Fixtures.path(name + ".safetensors"), Path.of(arguments[0], name));
        }
        System.out.println(WeightNorm.backend());
    }

    private static void foldAll(Path directory, String backend, String... flags) throws Exception {
        String classPath = Stream.of(WeightNorm.class, BackEndsFoldAlikeTest.class, JsonFactory.class)
                .map(BackEndsFoldAlikeTest::home).collect(Collectors.joining(System.getProperty("path.separator")));
        List<String> command = Stream.of(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()),
                Stream.of(flags), Stream.of("-cp", classPath, BackEndsFoldAlikeTest.class.getName(), directory.toString()))
                .flatMap(part -> part).toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        assertEquals(0, process.waitFor(), () -> command + " printed " + output);
        assertEquals(backend, output.lines().reduce((first, last) -> last).orElse("").split(" ")[0]);
    }

    private static String home(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
