package io.github.weightnorm.checkpoint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({"0, 0 bytes", "1, 1 byte", "1023, 1023 bytes", "1024, 1.0 KiB", "1536, 1.5 KiB", "6442450944, 6.0 GiB",
        "9223372036854775807, 8.0 EiB"})
    void bytes(long bytes, String expected) {
        assertEquals(expected, Units.bytes(bytes));
    }

    @ParameterizedTest
    @CsvSource({"0, 0 ms", "1600000, 2 ms", "999000000, 999 ms", "1000000000, 1.0 s", "61250000000, 61.3 s"})
    void time(long nanos, String expected) {
        assertEquals(expected, Units.time(nanos));
    }
}
