package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folds the examples of docs/fold-axis.md, in memory and to a file: blocks of tensors, and what they become or why they are refused. */
class FoldAxisTest {
    private static final String BECOMES = "becomes\n";
    private static final String REFUSED = "is refused: ";

    @TempDir
    Path directory;

    static List<String> examples() throws IOException {
        String[] parts = Files.readString(Path.of("docs/fold-axis.md")).split("```\n");
        // Between the fences lie examples and text in turns.
        List<String> examples = new ArrayList<>();
        for (int i = 1; i < parts.length; i += 2) {
            examples.add(parts[i]);
        }
        return examples;
    }

    /** One for each trap and more, so that no change of the page's form can leave nothing to test. */
    @Test
    void thePageHasExamples() throws IOException {
        assertTrue(examples().stream().filter(example -> example.contains(BECOMES)).count() >= 6);
        assertTrue(examples().stream().filter(example -> example.contains(REFUSED)).count() >= 4);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void comesOutAsThePageSays(String example) throws IOException {
        boolean refused = example.contains(REFUSED);
        String[] halves = example.split(refused ? REFUSED : BECOMES);
        CheckpointBuilder builder = new CheckpointBuilder();
        tensors(halves[0]).forEach(tensor -> builder.floats(tensor.name, tensor.shape, tensor.elements));
        Path in = builder.write(directory.resolve("in.safetensors"));
        Path out = directory.resolve("out.safetensors");
        if (refused) {
            String expected = in + ": " + halves[1].strip();
            assertEquals(expected, assertThrows(CheckpointException.class, () -> FoldedCheckpoint.open(in)).getMessage());
            assertEquals(expected, assertThrows(CheckpointException.class,
                    () -> CheckpointFolder.defaults().fold(in, out)).getMessage());
            return;
        }
        FoldReport report = CheckpointFolder.defaults().fold(in, out);
        for (Path file : report.weights().isEmpty() ? List.of(in) : List.of(in, out)) {
            try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(file)) {
                Set<String> names = new HashSet<>();
                for (Example tensor : tensors(halves[1]).toList()) {
                    names.add(tensor.name);
                    assertEquals(tensor.shape, Arrays.stream(checkpoint.shape(tensor.name)).mapToObj(size -> (long) size).toList());
                    assertArrayEquals(tensor.elements, checkpoint.floats(tensor.name), tensor.name);
                }
                assertEquals(names, checkpoint.names());
            }
        }
    }

    /** A line of an example: name, shape in brackets, elements. */
    private record Example(String name, List<Long> shape, float[] elements) {

        static Example parse(String line) {
            String[] parts = line.split("\\s*[\\[\\]]\\s*");
            List<Long> shape = Stream.of(parts[1].split(", ")).filter(size -> !size.isEmpty()).map(Long::parseLong).toList();
            String[] numbers = parts[2].split(" ");
            float[] elements = new float[numbers.length];
            for (int i = 0; i < elements.length; i++) {
                elements[i] = Float.parseFloat(numbers[i]);
            }
            return new Example(parts[0], shape, elements);
        }
    }

    private static Stream<Example> tensors(String lines) {
        return lines.lines().map(Example::parse);
    }
}
