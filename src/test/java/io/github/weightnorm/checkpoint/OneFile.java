package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A file to write and to open, for the tests of the format. */
abstract class OneFile {
    static final String ONE = "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]";

    @TempDir
    Path directory;

    Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("x.safetensors");
    }

    static String entry(String fields) {
        return "{\"w\":{" + fields + "}}";
    }

    String assertRefused(String expected) {
        String message = assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file).close()).getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        assertTrue(message.contains(expected), message);
        return message;
    }
}
