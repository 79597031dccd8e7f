package io.github.weightnorm.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docs/ten-minutes.md} shows code that compiles, and what that code prints. */
@Tag("once")
class TenMinutesPageTest {

    private static final Path PAGE = Path.of("docs/ten-minutes.md");
    private static final Path CODE = Path.of("src/test/java/io/github/weightnorm/example");

    @ParameterizedTest
    @CsvSource({"TenMinutes, direction", "Linear, linear", "Regression, regression", "TenMinutes, training", "TenMinutes, convolution"})
    void showsTheCode(String type, String region) throws IOException {
        String code = between(Files.readString(CODE.resolve(type + ".java")), "// <" + region + ">\n", "// </" + region + ">");
        String shown = between(Files.readString(PAGE), "<!-- " + region + " -->\n```java\n", "```\n");
        assertEquals(code.stripIndent().strip(), shown.strip());
    }

    @Test
    void showsWhatItPrints() throws IOException {
        assertPrinted("direction", TenMinutes::direction);
        assertPrinted("training", TenMinutes::training);
        assertPrinted("convolution", TenMinutes::convolution);
    }

    private static void assertPrinted(String part, Consumer<PrintStream> program) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        program.accept(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        String printed = bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
        assertTrue(printed.length() > 100, printed);
        assertEquals(printed, between(Files.readString(PAGE), "<!-- " + part + "-output -->\n```\n", "```\n"));
    }

    private static String between(String text, String before, String behind) {
        int from = text.indexOf(before);
        assertTrue(from >= 0, () -> "not found: " + before);
        return text.substring(from + before.length(), text.indexOf(behind, from + before.length()));
    }
}
