package io.github.weightnorm.checkpoint;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where tensors may lie: every byte of the data belongs to just one. */
class TensorOffsetsTest extends OneFile {
    @Test
    void refusesATruncatedFile() throws IOException {
        CheckpointBuilder.write(file, "{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", 15);
        assertRefused("tensor 'w': data_offsets [0, 16] reach beyond the 15 bytes of data in the file; is it truncated?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[4611686018427387904,4]", "[4294967296,4294967296]", "[2305843009213693952]",
            "[3037000500,3037000500,0]"})
    void refusesAShapeWhoseSizeOverflows(String shape) throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0,0]"), 0);
        assertRefused("is larger than any file");
    }

    @ParameterizedTest
    @CsvSource({"'[0,3]'", "'[0,5]'", "'[4,0]'", "'[0,0]'", "'[9223372036854775807,0]'"})
    void refusesASizeThatDisagreesWithTheShape(String offsets) throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + offsets), 5);
        assertRefused("tensor 'w': F32 [1] takes 4 bytes, but data_offsets are " + offsets.replace(",", ", "));
    }

    @ParameterizedTest
    @CsvSource({"'[]', 0", "'[0]', 1", "'[0,4,8]', 3"})
    void refusesOffsetsThatAreNotTwo(String offsets, int count) throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + offsets), 4);
        assertRefused("tensor 'w': data_offsets must be two numbers, found " + count);
    }

    @Test
    void refusesNegativeOffsets() throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]"), 4);
        assertRefused("tensor 'w': data_offsets must hold numbers from 0 to 2^63 - 1, found -4");
    }

    @Test
    void refusesElementsThatFillNoWholeBytes() throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]"), 2);
        assertRefused("tensor 'w': F4 [3] takes 12 bits, which are no whole bytes");
    }

    @Test
    void refusesOverlappingTensors() throws IOException {
        CheckpointBuilder.write(file, two("[0,8]", "[4,12]"), 12);
        assertRefused("tensor 'b': data_offsets [4, 12] overlap those of tensor 'a', [0, 8]");
    }

    @Test
    void refusesTwoTensorsOverTheSameBytes() throws IOException {
        CheckpointBuilder.write(file, two("[0,8]", "[0,8]"), 8);
        assertRefused("tensor 'b': data_offsets [0, 8] overlap those of tensor 'a', [0, 8]");
    }

    @Test
    void refusesOffsetsBeyondTheFile() throws IOException {
        CheckpointBuilder.write(file, two("[0,8]", "[8,16]"), 12);
        assertRefused("tensor 'b': data_offsets [8, 16] reach beyond the 12 bytes of data in the file; is it truncated?");
    }

    @Test
    void refusesAHoleBetweenTensors() throws IOException {
        CheckpointBuilder.write(file, two("[0,8]", "[12,20]"), 20);
        assertRefused("tensor 'b': data_offsets [12, 20] leave a hole: 4 bytes from 8 on belong to no tensor");
    }

    @Test
    void refusesAHoleAtTheBeginning() throws IOException {
        CheckpointBuilder.write(file, two("[4,12]", "[12,20]"), 20);
        assertRefused("tensor 'a': data_offsets [4, 12] leave a hole: 4 bytes from 0 on belong to no tensor");
    }

    @Test
    void refusesBytesBehindTheLastTensor() throws IOException {
        CheckpointBuilder.write(file, two("[0,8]", "[8,16]"), 17);
        assertRefused("1 bytes at the end belong to no tensor");
    }

    private static String two(String first, String second) {
        String fields = "\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":";
        return "{\"a\":{" + fields + first + "},\"b\":{" + fields + second + "}}";
    }
}
