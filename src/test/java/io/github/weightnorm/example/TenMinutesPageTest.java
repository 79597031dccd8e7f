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

/** {@code docs/ten-minutes.md} shows what its code prints; that it shows the code is for DocumentationTest. */
@Tag("once")
class TenMinutesPageTest {

    private static final Path PAGE = Path.of("docs/ten-minutes.md");

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
