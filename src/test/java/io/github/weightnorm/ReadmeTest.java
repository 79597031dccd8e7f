package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The README shows what the tests compile and run. */
@Tag("once")
class ReadmeTest {

    @Test
    void showsThePropertiesExample() throws IOException {
        String example = Files.readString(
                Path.of("property-tests/java/io/github/weightnorm/properties/example/PlainLoopProperties.java"));
        String shown = Files.readString(Path.of("README.md"));
        assertEquals(between(example, "// <properties-example>\n", "// </properties-example>").strip(),
                between(shown, "<!-- properties-example -->\n```java\n", "```").strip());
    }

    @Test
    void showsWhatTheExampleEngineHasToDoWithThisLibrary() throws IOException {
        Path example = Path.of("src/example/java/io/github/weightnorm/example/hifigan");
        StringBuilder lines = new StringBuilder();
        for (String file : new String[] {"Generator.java", "Parameters.java"}) {
            String source = Files.readString(example.resolve(file));
            lines.append(between(source, "    // <vocoder-example>\n", "// </vocoder-example>").stripIndent()).append('\n');
        }
        String shown = Files.readString(Path.of("README.md"));
        assertEquals(lines.toString().strip(), between(shown, "<!-- vocoder-example -->\n```java\n", "```").strip());
    }

    private static String between(String text, String before, String behind) {
        int begin = text.indexOf(before);
        assertTrue(begin >= 0, () -> "there is no " + before);
        int from = begin + before.length();
        return text.substring(from, text.indexOf(behind, from));
    }
}
