package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void ordinaryNamesStayAsTheyAre() {
        assertEquals("decoder.0.weight – größe 重み 🎵", Printable.of("decoder.0.weight – größe 重み 🎵"));
    }

    @Test
    void whatDrivesATerminalIsEscaped() {
        assertEquals("a\\u001b[2J\\u000ab\\u007f\\u009b", Printable.of("a\u001b[2J\nb\u007f\u009b"));
    }

    @Test
    void whatReordersOrBreaksALineIsEscaped() {
        assertEquals("\\u202e\\u2028\\u200b", Printable.of("\u202e\u2028\u200b"));
    }

    @Test
    void halvesOfSurrogatePairsAreEscaped() {
        assertEquals("\\ud83cx", Printable.of("\ud83cx"));
    }

    @Test
    void anOverlongNameIsCutAndItsLengthIsSaid() {
        assertEquals("x".repeat(120) + "... (1000000 characters)", Printable.of("x".repeat(1_000_000)));
    }
}
