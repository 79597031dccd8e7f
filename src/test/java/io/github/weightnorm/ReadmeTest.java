package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

    private static String between(String text, String before, String behind) {
        int from = text.indexOf(before) + before.length();
        return text.substring(from, text.indexOf(behind, from));
    }
}
