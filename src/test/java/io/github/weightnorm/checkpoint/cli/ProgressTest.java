package io.github.weightnorm.checkpoint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long MILLISECOND = 1_000_000;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final PrintStream terminal = new PrintStream(screen, true, StandardCharsets.UTF_8);
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 500 * MILLISECOND); // nanoTime may wrap around

    @Test
    void nothingShowsInTheFirstSecond() {
        try (Progress progress = new Progress(terminal, true, clock::get)) {
            clock.addAndGet(999 * MILLISECOND);
            progress.written(1, 2);
        }
        assertEquals("", shown());
    }

    @Test
    void oneLineShowsTenTimesASecondAndIsErasedAtTheEnd() {
        try (Progress progress = new Progress(terminal, true, clock::get)) {
            clock.addAndGet(1000 * MILLISECOND);
            progress.written(1024, 2048);
            progress.written(1500, 2048);
            assertEquals("\r50 % of 2.0 KiB", shown());
            clock.addAndGet(100 * MILLISECOND);
            progress.written(2048, 2048);
            assertEquals("\r50 % of 2.0 KiB\r100 % of 2.0 KiB", shown());
        }
        assertEquals("\r50 % of 2.0 KiB\r100 % of 2.0 KiB\r" + " ".repeat(16) + "\r", shown());
    }

    @Test
    void nothingShowsWithoutATerminal() {
        try (Progress progress = new Progress(terminal, false, clock::get)) {
            clock.addAndGet(5000 * MILLISECOND);
            progress.written(1, 2);
        }
        assertEquals("", shown());
    }

    private String shown() {
        return screen.toString(StandardCharsets.UTF_8);
    }
}
