package io.github.weightnorm.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parses the JSON of a header and checks everything that it claims. */
final class HeaderParser {
    // The header's own limit bounds names and strings too. Names of a stranger do not belong into the JVM's table of interned
    // strings, nor his buffers into a pool that outlives the call.
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxNameLength(Header.MAX_BYTES)
                    .maxStringLength(Header.MAX_BYTES)
                    .build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .build();

    private final Path file;
    private final JsonParser json;
    private boolean metadataSeen;
    private Optional<Map<String, String>> metadata = Optional.empty();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    private HeaderParser(Path file, JsonParser json) {
        this.file = file;
        this.json = json;
    }

    /**
     * Reads a header.
     *
     * @param file named in messages only
     * @param bytes the JSON with its padding
     * @param dataBytes how many bytes follow the header in the file
     */
    static Header parse(Path file, byte[] bytes, long dataBytes) throws IOException {
        if (bytes.length == 0 || bytes[0] != '{') {
            throw new CheckpointException(file, "not a safetensors file: the header must be a JSON object and begin with '{'");
        }
        // A fresh decoder reports malformed input, where a reader made from the charset alone would replace it.
        Reader reader = new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8.newDecoder());
        try (JsonParser json = JSON.createParser(reader)) {
            HeaderParser parser = new HeaderParser(file, json);
            parser.readObject();
            return new Header(parser.metadata, parser.inDataOrder(dataBytes));
        } catch (CharacterCodingException e) {
            throw new CheckpointException(file, "the header is not valid UTF-8");
        } catch (JacksonException e) {
            throw new CheckpointException(file, "the header is not valid JSON: " + Printable.of(e.getOriginalMessage()));
        }
    }

    private void readObject() throws IOException {
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = wellFormed("a name in the header", json.currentName());
            json.nextToken();
            if (name.equals(Header.METADATA)) {
                readMetadata();
            } else if (tensors.put(name, tensor(name)) != null) {
                throw error(name, "is there twice");
            }
        }
        if (json.nextToken() != null) {
            throw new CheckpointException(file, "the header goes on after its JSON object, where only spaces may follow");
        }
    }

    private void readMetadata() throws IOException {
        if (metadataSeen) {
            throw new CheckpointException(file, Header.METADATA + " is there twice");
        }
        metadataSeen = true;
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return; // the same as none, as the reference has it
        }
        expect(JsonToken.START_OBJECT, Header.METADATA, "an object of strings");
        Map<String, String> map = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String what = "entry " + Printable.quoted(json.currentName()) + " of " + Header.METADATA;
            String key = wellFormed(what, json.currentName());
            json.nextToken();
            expect(JsonToken.VALUE_STRING, what, "a string");
            if (map.put(key, wellFormed(what, json.getText())) != null) {
                throw new CheckpointException(file, what + " is there twice");
            }
        }
        metadata = Optional.of(Collections.unmodifiableMap(map));
    }

    private TensorInfo tensor(String name) throws IOException {
        String what = "tensor " + Printable.quoted(name);
        expect(JsonToken.START_OBJECT, what, "an object with dtype, shape and data_offsets");
        DataType type = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        Set<String> fields = new HashSet<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            if (!fields.add(field)) {
                throw error(name, Printable.of(field) + " is there twice");
            }
            switch (field) {
                case Header.TYPE -> type = type(name);
                case Header.SHAPE -> shape = integers(what + ": shape");
                case Header.OFFSETS -> offsets = integers(what + ": data_offsets");
                default -> throw error(name, "field " + Printable.quoted(field)
                        + " is not known, only dtype, shape and data_offsets");
            }
        }
        if (type == null || shape == null || offsets == null) {
            throw error(name, (type == null ? Header.TYPE : shape == null ? Header.SHAPE : Header.OFFSETS) + " is missing");
        }
        if (offsets.size() != 2) {
            throw error(name, "data_offsets must be two numbers, found " + offsets.size());
        }
        TensorInfo tensor = new TensorInfo(name, type, shape, offsets.get(0), offsets.get(1));
        checkSize(tensor);
        return tensor;
    }

    private DataType type(String name) throws IOException {
        expect(JsonToken.VALUE_STRING, "tensor " + Printable.quoted(name) + ": dtype", "a string");
        String type = json.getText();
        return DataType.named(type).orElseThrow(() -> error(name, "dtype " + Printable.quoted(type) + " is not known"));
    }

    private List<Long> integers(String what) throws IOException {
        expect(JsonToken.START_ARRAY, what, "an array of integers");
        List<Long> integers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(JsonToken.VALUE_NUMBER_INT, what, "an array of integers");
            // Jackson reads "-0" as 0, which the reference refuses.
            if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER || json.getText().startsWith("-")) {
                throw new CheckpointException(file, what + " must hold numbers from 0 to 2^63 - 1, found "
                        + Printable.of(json.getText()));
            }
            integers.add(json.getLongValue());
        }
        return integers;
    }

    private void checkSize(TensorInfo tensor) throws CheckpointException {
        long bits;
        try {
            bits = Math.multiplyExact(tensor.elementCount(), tensor.dataType().bits());
        } catch (ArithmeticException e) {
            throw error(tensor.name(), tensor.layoutText() + " is larger than any file");
        }
        if (bits % 8 != 0) {
            throw error(tensor.name(), tensor.layoutText() + " takes " + bits + " bits, which are no whole bytes");
        }
        if (tensor.begin() > tensor.end() || tensor.byteCount() != bits / 8) {
            throw error(tensor.name(), tensor.layoutText() + " takes " + bits / 8 + " bytes, but data_offsets are "
                    + offsetsText(tensor));
        }
    }

    /** Every byte behind the header belongs to exactly one tensor: nothing can hide in the file, nothing be read twice. */
    private List<TensorInfo> inDataOrder(long dataBytes) throws CheckpointException {
        List<TensorInfo> sorted = new ArrayList<>(tensors.values());
        sorted.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
        long expected = 0;
        TensorInfo previous = null;
        for (TensorInfo tensor : sorted) {
            if (tensor.end() > dataBytes) {
                throw error(tensor.name(), "data_offsets " + offsetsText(tensor) + " reach beyond the " + dataBytes
                        + " bytes of data in the file; is it truncated?");
            }
            if (tensor.begin() < expected) {
                throw error(tensor.name(), "data_offsets " + offsetsText(tensor) + " overlap those of tensor "
                        + Printable.quoted(previous.name()) + ", " + offsetsText(previous));
            }
            if (tensor.begin() > expected) {
                throw error(tensor.name(), "data_offsets " + offsetsText(tensor) + " leave a hole: "
                        + (tensor.begin() - expected) + " bytes from " + expected + " on belong to no tensor");
            }
            expected = tensor.end();
            previous = tensor;
        }
        if (expected != dataBytes) {
            throw new CheckpointException(file, (dataBytes - expected) + " bytes at the end belong to no tensor");
        }
        return Collections.unmodifiableList(sorted);
    }

    private static String offsetsText(TensorInfo tensor) {
        return "[" + tensor.begin() + ", " + tensor.end() + "]";
    }

    private void expect(JsonToken token, String what, String expected) throws IOException {
        if (json.currentToken() != token) {
            String found = json.currentToken() == null ? "the end" : Printable.of(json.getText());
            throw new CheckpointException(file, what + " must be " + expected + ", found " + found);
        }
    }

    /** JSON can escape half of a surrogate pair; such text has no UTF-8 form, so it could not be written again. */
    private String wellFormed(String what, String text) throws CheckpointException {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new CheckpointException(file, what + " is not valid Unicode: " + Printable.quoted(text));
        }
        return text;
    }

    private CheckpointException error(String tensor, String problem) {
        return new CheckpointException(file, "tensor " + Printable.quoted(tensor) + ": " + problem);
    }
}
