package io.github.weightnorm.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes safetensors files for tests: well-formed ones tensor by tensor, and any others byte by byte. */
public final class CheckpointBuilder {
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final List<TensorInfo> tensors = new ArrayList<>();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    /** Begins a file without tensors and metadata. */
    public CheckpointBuilder() {}

    public CheckpointBuilder metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    public CheckpointBuilder bytes(String name, DataType type, List<Long> shape, byte... bytes) {
        tensors.add(new TensorInfo(name, type, shape, data.size(), data.size() + bytes.length));
        data.writeBytes(bytes);
        return this;
    }

    public CheckpointBuilder floats(String name, DataType type, List<Long> shape, float... values) {
        ByteBuffer encoded = ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        type.encode(values, 0, values.length, encoded);
        return bytes(name, type, shape, encoded.array());
    }

    public CheckpointBuilder floats(String name, List<Long> shape, float... values) {
        return floats(name, DataType.F32, shape, values);
    }

    public Path write(Path file) throws IOException {
        Header header = new Header(metadata.isEmpty() ? Optional.empty() : Optional.of(metadata), tensors);
        return Files.write(file, concatenation(header.encode().array(), data.toByteArray()));
    }

    /** A file of a given header and so many bytes of data. */
    public static Path write(Path file, String json, int dataBytes) throws IOException {
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        return Files.write(file, concatenation(length(header.length), header, new byte[dataBytes]));
    }

    public static byte[] length(long headerBytes) {
        return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(headerBytes).array();
    }

    public static byte[] concatenation(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }
}
