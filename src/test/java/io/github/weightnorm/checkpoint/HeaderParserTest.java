package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a header may hold, and what not: JSON, names, fields, types, shapes and metadata. */
class HeaderParserTest extends OneFile {
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
}
