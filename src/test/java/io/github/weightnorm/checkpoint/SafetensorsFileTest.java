package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
    private static final String ONE = "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]";

    @TempDir
    Path directory;

    Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("x.safetensors");
    }

    @Test
    void readsTensorsMetadataAndFloats() throws IOException {
        new CheckpointBuilder().metadata("format", "pt").metadata("a", "ü\"\\\n🎵")
                .floats("w", List.of(2L, 3L), 1, 2, 3, 4, 5, 6)
                .floats("h", DataType.F16, List.of(2L), 0.5f, -2)
                .floats("scalar", DataType.F64, List.of(), 7)
                .bytes("empty", DataType.I64, List.of(0L, 5L))
                .bytes("step", DataType.I64, List.of(), new byte[8])
                .write(file);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertEquals(file, checkpoint.path());
            assertEquals(Map.of("format", "pt", "a", "ü\"\\\n🎵"), checkpoint.metadata());
            assertEquals(List.of("format", "a"), List.copyOf(checkpoint.metadata().keySet()));
            assertEquals(List.of("w", "h", "scalar", "empty", "step"), checkpoint.tensors().stream().map(TensorInfo::name)
                    .toList());
            assertEquals(new TensorInfo("w", DataType.F32, List.of(2L, 3L), 0, 24), checkpoint.tensors().get(0));
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, checkpoint.floats("w"));
            assertArrayEquals(new float[] {0.5f, -2}, checkpoint.floats("h"));
            assertArrayEquals(new float[] {7}, checkpoint.floats("scalar"));
        }
    }

    @Test
    void aTensorLargerThanTheBufferIsReadWhole() throws IOException {
        float[] values = new float[SafetensorsFile.BUFFER_BYTES / 4 * 2 + 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        new CheckpointBuilder().floats("w", List.of((long) values.length), values).write(file);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertArrayEquals(values, checkpoint.floats("w"));
        }
    }

    @Test
    void rowsBeyondTheElementsOfAnyArrayAreRead() throws IOException {
        long rows = 1L << 28;
        int columns = 9; // 2^31 elements and 2^28 more
        long bytes = 2 * rows * columns;
        CheckpointBuilder.write(file, entry("\"dtype\":\"BF16\",\"shape\":[" + rows + "," + columns + "],\"data_offsets\":[0,"
                + bytes + "]"), 0);
        try (FileChannel sparse = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] last = new byte[2 * columns];
            last[1] = 0x3f;
            last[2 * columns - 1] = 0x40;
            sparse.write(ByteBuffer.wrap(last), sparse.size() + bytes - last.length);
        }
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            float[] row = new float[columns];
            checkpoint.read(checkpoint.tensors().get(0), (rows - 1) * columns, row, 0, columns, SafetensorsFile.buffer(16));
            assertArrayEquals(new float[] {0.5f, 0, 0, 0, 0, 0, 0, 0, 2}, row);
            checkpoint.read(checkpoint.tensors().get(0), (rows - 2) * columns, row, 0, columns, SafetensorsFile.buffer(16));
            assertArrayEquals(new float[columns], row);
            String message = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertTrue(message.endsWith("needs 2415919104 elements in memory at once, and a Java array holds at most 2147483639"),
                    message);
        }
    }

    @Test
    void acceptsAFileWithoutTensors() throws IOException {
        CheckpointBuilder.write(file, "{}", 0);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertTrue(checkpoint.tensors().isEmpty());
            assertTrue(checkpoint.metadata().isEmpty());
        }
    }

    @Test
    void acceptsTrailingSpacesEscapedNamesAndAnyOrderOfTensors() throws IOException {
        CheckpointBuilder.write(file, "{\"b\":{\"data_offsets\":[4,8],\"shape\":[],\"dtype\":\"U32\"},\"\\u0061\":{" + ONE
                + "}}    ", 8);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertEquals(List.of("a", "b"), checkpoint.tensors().stream().map(TensorInfo::name).toList());
        }
    }

    @Test
    void acceptsElementsOfLessThanAByteInWholeBytes() throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[0,3]"), 3);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertEquals(3, checkpoint.tensors().get(0).byteCount());
        }
    }

    @Test
    void acceptsANameOfAMegabyte() throws IOException {
        String name = "n".repeat(1 << 20);
        CheckpointBuilder.write(file, "{\"" + name + "\":{" + ONE + "}}", 4);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            assertEquals(name, checkpoint.tensors().get(0).name());
        }
    }

    @Test
    void refusesAnEmptyFile() throws IOException {
        Files.createFile(file);
        assertRefused("not a safetensors file: 0 bytes, where the header's length alone takes 8");
    }

    @Test
    void refusesAFileOfSevenBytes() throws IOException {
        Files.write(file, new byte[7]);
        assertRefused("not a safetensors file: 7 bytes, where the header's length alone takes 8");
    }

    @Test
    void refusesAHeaderOfNoBytes() throws IOException {
        Files.write(file, new byte[8]);
        assertRefused("the header must be a JSON object and begin with '{'");
    }

    @Test
    void refusesAHeaderLengthBeyondTheFile() throws IOException {
        Files.write(file, CheckpointBuilder.concatenation(CheckpointBuilder.length(100), "{}".getBytes(StandardCharsets.UTF_8)));
        assertRefused("the header's length is 100 bytes, but only 2 follow; is the file truncated?");
    }

    @ParameterizedTest
    @CsvSource({"100000001, 100000001", "9223372036854775807, 9223372036854775807", "-9223372036854775808, 9223372036854775808",
        "-1, 18446744073709551615"})
    void refusesAHeaderLengthBeyondTheLimit(long length, String unsigned) throws IOException {
        Files.write(file, CheckpointBuilder.length(length));
        assertRefused("the header's length is " + unsigned + " bytes, the limit is 100000000");
    }

    @Test
    void refusesATruncatedFile() throws IOException {
        CheckpointBuilder.write(file, "{\"w\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", 15);
        assertRefused("tensor 'w': data_offsets [0, 16] reach beyond the 15 bytes of data in the file; is it truncated?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "7", "\"{}\"", " {}", "\ufeff{}", "null"})
    void refusesAHeaderThatDoesNotBeginAsAnObject(String json) throws IOException {
        CheckpointBuilder.write(file, json, 0);
        assertRefused("the header must be a JSON object and begin with '{'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"w\"", "{\"w\":{" + ONE + "}", "{\"w\":{" + ONE + "},}", "{'w':{}}", "{}\u0000", "{/**/}",
            "{}x"})
    void refusesMalformedJson(String json) throws IOException {
        CheckpointBuilder.write(file, json, 4);
        assertRefused("the header is not valid JSON: ");
    }

    @Test
    void refusesWhatFollowsTheJsonObject() throws IOException {
        CheckpointBuilder.write(file, "{} {}", 0);
        assertRefused("the header goes on after its JSON object");
    }

    @Test
    void refusesAHeaderThatIsNotUtf8() throws IOException {
        byte[] json = "{\"w\":{}}".getBytes(StandardCharsets.UTF_8);
        json[2] = (byte) 0xff;
        Files.write(file, CheckpointBuilder.concatenation(CheckpointBuilder.length(json.length), json));
        assertRefused("the header is not valid UTF-8");
    }

    @Test
    void refusesAHeaderInUtf16() throws IOException {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_16LE);
        Files.write(file, CheckpointBuilder.concatenation(CheckpointBuilder.length(json.length), json));
        assertRefused("the header is not valid JSON: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"\\ud800\":{" + ONE + "}}", "{\"\\udc00\":{" + ONE + "}}",
            "{\"__metadata__\":{\"k\":\"\\ud800\"}}",
        "{\"__metadata__\":{\"k\":\"\\udc00\"}}", "{\"__metadata__\":{\"\\udc00\":\"\"}}"})
    void refusesHalfOfASurrogatePair(String json) throws IOException {
        CheckpointBuilder.write(file, json, 4);
        assertRefused("is not valid "); // JSON, says the parser of some, and Unicode we of the rest
    }

    @Test
    void refusesDuplicateNames() throws IOException {
        CheckpointBuilder.write(file, "{\"w\":{" + ONE + "},\"\\u0077\":{" + ONE + "}}", 4);
        assertRefused("tensor 'w': is there twice");
    }

    @Test
    void refusesADuplicateFieldOfATensor() throws IOException {
        CheckpointBuilder.write(file, entry(ONE + ",\"dtype\":\"F32\""), 4);
        assertRefused("tensor 'w': dtype is there twice");
    }

    @Test
    void refusesAnUnknownFieldOfATensor() throws IOException {
        CheckpointBuilder.write(file, entry(ONE + ",\"strides\":[1]"), 4);
        assertRefused("tensor 'w': field 'strides' is not known, only dtype, shape and data_offsets");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"dtype | \"shape\":[1],\"data_offsets\":[0,4]",
            "shape | \"dtype\":\"F32\",\"data_offsets\":[0,4]",
        "data_offsets | \"dtype\":\"F32\",\"shape\":[1]"})
    void refusesAMissingField(String field, String fields) throws IOException {
        CheckpointBuilder.write(file, entry(fields), 4);
        assertRefused("tensor 'w': " + field + " is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "[]", "\"F32\"", "null", "true"})
    void refusesATensorThatIsNoObject(String json) throws IOException {
        CheckpointBuilder.write(file, "{\"w\":" + json + "}", 0);
        assertRefused("tensor 'w' must be an object with dtype, shape and data_offsets, found ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"F128", "f32", "", "float32"})
    void refusesAnUnknownType(String type) throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"" + type + "\",\"shape\":[1],\"data_offsets\":[0,4]"), 4);
        assertRefused("tensor 'w': dtype '" + type + "' is not known");
    }

    @Test
    void refusesATypeThatIsNoString() throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":[\"F32\"],\"shape\":[1],\"data_offsets\":[0,4]"), 4);
        assertRefused("tensor 'w': dtype must be a string, found [");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1.0]", "[1e0]", "[\"1\"]", "[null]", "[[1]]", "[{}]", "1", "null", "{}"})
    void refusesAShapeThatIsNoArrayOfIntegers(String shape) throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0,4]"), 4);
        assertRefused("tensor 'w': shape must be an array of integers, found ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-0", "9223372036854775808", "-9223372036854775809"})
    void refusesADimensionThatIsNoLongFromZero(String dimension) throws IOException {
        CheckpointBuilder.write(file, entry("\"dtype\":\"F32\",\"shape\":[" + dimension + "],\"data_offsets\":[0,4]"), 4);
        assertRefused("tensor 'w': shape must hold numbers from 0 to 2^63 - 1, found " + dimension);
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

    @ParameterizedTest
    @ValueSource(strings = {"7", "[]", "\"pt\"", "true"})
    void refusesMetadataThatIsNoObject(String json) throws IOException {
        CheckpointBuilder.write(file, "{\"__metadata__\":" + json + "}", 0);
        assertRefused("__metadata__ must be an object of strings, found ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "[]", "{}", "null", "true"})
    void refusesMetadataValuesThatAreNoStrings(String json) throws IOException {
        CheckpointBuilder.write(file, "{\"__metadata__\":{\"k\":" + json + "}}", 0);
        assertRefused("entry 'k' of __metadata__ must be a string, found ");
    }

    @Test
    void refusesDuplicateMetadata() throws IOException {
        CheckpointBuilder.write(file, "{\"__metadata__\":{},\"__metadata__\":{}}", 0);
        assertRefused("__metadata__ is there twice");
    }

    @Test
    void refusesADuplicateEntryOfTheMetadata() throws IOException {
        CheckpointBuilder.write(file, "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0);
        assertRefused("entry 'k' of __metadata__ is there twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":", "["})
    void refusesDeepNesting(String opening) throws IOException {
        CheckpointBuilder.write(file, "{\"w\":" + opening.repeat(1_000_000), 0);
        assertRefused("tensor 'w'");
    }

    @Test
    void namesReachTheMessageEscapedAndShortened() throws IOException {
        CheckpointBuilder.write(file, "{\"\\u001b[31m\\n" + "x".repeat(1_000_000) + "\":7}", 0);
        String message = assertRefused("tensor '\\u001b[31m\\u000axxx");
        assertFalse(message.contains("\u001b"));
        assertTrue(message.length() < 400 + file.toString().length(), message);
    }

    @Test
    void jsonErrorsReachTheMessageEscapedAndShortened() throws IOException {
        CheckpointBuilder.write(file, "{\"w\":\u001b" + "x".repeat(1_000_000), 0);
        String message = assertRefused("not valid JSON");
        assertTrue(message.chars().noneMatch(c -> c < ' '), message);
        assertTrue(message.length() < 400 + file.toString().length(), message);
    }

    @Test
    void refusesADirectory() {
        file = directory;
        assertRefused("is a directory");
    }

    @Test
    void aMissingFileIsReportedAsSuch() {
        assertThrows(NoSuchFileException.class, () -> SafetensorsFile.open(directory.resolve("absent")));
    }

    @Test
    void floatsOfAnAbsentTensorOrAnotherTypeAreRefused() throws IOException {
        new CheckpointBuilder().bytes("step", DataType.I64, List.of(), new byte[8]).write(file);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            String absent = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertEquals(file + ": there is no tensor 'w'", absent);
            String integers = assertThrows(CheckpointException.class, () -> checkpoint.floats("step")).getMessage();
            assertEquals(file + ": tensor 'step': elements of type I64 are not read as floats, only F64, F32, F16 and BF16",
                    integers);
        }
    }

    @Test
    void aDoubleBeyondFloatIsRefused() throws IOException {
        byte[] bytes = new byte[8];
        bytes[7] = 0x7f; // 5e306
        new CheckpointBuilder().bytes("w", DataType.F64, List.of(1L), bytes).write(file);
        try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
            String message = assertThrows(CheckpointException.class, () -> checkpoint.floats("w")).getMessage();
            assertEquals(file + ": tensor 'w': holds a finite number beyond the range of float, in which weights are computed",
                    message);
        }
    }

    private static String entry(String fields) {
        return "{\"w\":{" + fields + "}}";
    }

    private static String two(String first, String second) {
        String fields = "\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":";
        return "{\"a\":{" + fields + first + "},\"b\":{" + fields + second + "}}";
    }

    private String assertRefused(String expected) {
        String message = assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file).close()).getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        assertTrue(message.contains(expected), message);
        return message;
    }
}
