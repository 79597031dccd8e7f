package io.github.weightnorm.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The header of a safetensors file: an 8-byte length, little-endian, and so many bytes of JSON.
 *
 * @param metadata the free-form map, in the file's order; absent is not the same as empty
 * @param tensors in the order of their data, without a gap
 */
record Header(Optional<Map<String, String>> metadata, List<TensorInfo> tensors) {
    /** The length's own length. */
    static final int LENGTH_BYTES = 8;
    /** The reference implementation's limit for the JSON. */
    static final int MAX_BYTES = 100_000_000;
    static final String METADATA = "__metadata__";
    static final String TYPE = "dtype";
    static final String SHAPE = "shape";
    static final String OFFSETS = "data_offsets";

    /** The header as it stands in a file: length, JSON, and spaces up to a multiple of 8. */
    ByteBuffer encode() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[LENGTH_BYTES]);
        // Over a writer, jackson leaves every character as it is; straight to bytes, it would escape those beyond 16 bits.
        try (JsonGenerator json = new JsonFactory().createGenerator(new OutputStreamWriter(bytes, StandardCharsets.UTF_8))) {
            json.writeStartObject();
            if (metadata.isPresent()) {
                json.writeObjectFieldStart(METADATA);
                for (Map.Entry<String, String> entry : metadata.get().entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            for (TensorInfo tensor : tensors) {
                write(json, tensor);
            }
            json.writeEndObject();
        }
        while (bytes.size() % LENGTH_BYTES != 0) {
            bytes.write(' ');
        }
        ByteBuffer encoded = ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        return encoded.putLong(0, encoded.limit() - LENGTH_BYTES);
    }

    private static void write(JsonGenerator json, TensorInfo tensor) throws IOException {
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField(TYPE, tensor.dataType().name());
        json.writeArrayFieldStart(SHAPE);
        for (long dimension : tensor.shape()) {
            json.writeNumber(dimension);
        }
        json.writeEndArray();
        json.writeArrayFieldStart(OFFSETS);
        json.writeNumber(tensor.begin());
        json.writeNumber(tensor.end());
        json.writeEndArray();
        json.writeEndObject();
    }
}
