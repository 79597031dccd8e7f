package io.github.weightnorm.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Reads a safetensors file.
 *
 * <p>Opening reads and checks the header alone; a tensor is read when it is asked for. Several threads may read at once.
 */
public final class SafetensorsFile implements Closeable {
    static final int BUFFER_BYTES = 1 << 19;
    /** The longest array that every JVM can allocate. */
    private static final int MAX_ARRAY_LENGTH = Integer.MAX_VALUE - 8;

    // Reads are positional, into a buffer. A mapped file would be shorter to write, but when another process truncates it,
    // touching the lost pages kills the JVM; here it is an exception. Closing the file also unlocks it at once, which a mapping
    // does not.
    private final FileChannel channel;
    private final Path path;
    private final BasicFileAttributes attributes;
    private final long fileBytes;
    private final long dataBegin;
    private final Map<String, String> metadata;
    private final Header header;
    private final Map<String, TensorInfo> tensorsByName;

    /** @param attributes those of the file at about the time when it was opened */
    SafetensorsFile(Path path, BasicFileAttributes attributes, FileChannel channel) throws IOException {
        this.path = path;
        this.attributes = attributes;
        this.channel = channel;
        this.fileBytes = channel.size();
        if (fileBytes < Header.LENGTH_BYTES) {
            throw new CheckpointException(path, "not a safetensors file: " + fileBytes
                    + " bytes, where the header's length alone takes " + Header.LENGTH_BYTES);
        }
        ByteBuffer length = ByteBuffer.allocate(Header.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(length, 0);
        long headerBytes = length.getLong(0);
        if (headerBytes < 0 || headerBytes > Header.MAX_BYTES) {
            throw new CheckpointException(path, "not a safetensors file: the header's length is "
                    + Long.toUnsignedString(headerBytes) + " bytes, the limit is " + Header.MAX_BYTES);
        }
        this.dataBegin = Header.LENGTH_BYTES + headerBytes;
        if (dataBegin > fileBytes) {
            throw new CheckpointException(path, "the header's length is " + headerBytes + " bytes, but only "
                    + (fileBytes - Header.LENGTH_BYTES) + " follow; is the file truncated?");
        }
        byte[] json = new byte[(int) headerBytes];
        readFully(ByteBuffer.wrap(json), Header.LENGTH_BYTES);
        this.header = parse(json, fileBytes - dataBegin);
        this.metadata = header.metadata().orElse(Map.of());
        Map<String, TensorInfo> byName = new LinkedHashMap<>();
        header.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
        this.tensorsByName = Collections.unmodifiableMap(byName);
    }

    /**
     * Opens a file, and reads and checks its header.
     *
     * @param path the file
     * @return the open file
     * @throws CheckpointException if it is not a regular file, or not well-formed
     * @throws IOException if it cannot be read
     * @throws IllegalStateException if jackson-core is missing (the message says what to add)
     */
    public static SafetensorsFile open(Path path) throws IOException {
        // To open a pipe would wait for somebody to write to it.
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new CheckpointException(path, Files.isDirectory(path) ? "is a directory" : "is not a regular file");
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        try {
            return new SafetensorsFile(path, attributes, channel);
        } catch (Throwable failure) {
            channel.close();
            throw failure;
        }
    }

    private Header parse(byte[] json, long dataBytes) throws IOException {
        try {
            return HeaderParser.parse(path, json, dataBytes);
        } catch (NoClassDefFoundError missing) {
            throw new IllegalStateException("checkpoints need jackson-core, which this JVM runs without: add "
                    + "com.fasterxml.jackson.core:jackson-core to the class path, or to the module path with "
                    + "--add-modules com.fasterxml.jackson.core", missing);
        }
    }

    /**
     * Returns the path that was opened.
     *
     * @return the path as it was given
     */
    public Path path() {
        return path;
    }

    /**
     * Returns the free-form metadata.
     *
     * @return an unmodifiable map in the file's order, empty if the file has none
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Returns what the header says of each tensor.
     *
     * @return an unmodifiable list in the order of the tensors' data
     */
    public List<TensorInfo> tensors() {
        return header.tensors();
    }

    /**
     * Reads a tensor as floats.
     *
     * @param name the tensor's name
     * @return all elements in row-major order
     * @throws CheckpointException if there is no such tensor, it is not of type F64, F32, F16 or BF16, a finite element is beyond
     *     the range of float, it has more elements than an array or the heap can hold, or the file was truncated meanwhile
     * @throws IOException if the file cannot be read
     */
    public float[] floats(String name) throws IOException {
        TensorInfo tensor = tensorsByName.get(name);
        if (tensor == null) {
            throw new CheckpointException(path, "there is no tensor " + Printable.quoted(name));
        }
        checkReadsAsFloats(tensor);
        float[] floats = allocate(tensor, tensor.elementCount());
        read(tensor, 0, floats, 0, floats.length, buffer((int) Math.min(tensor.byteCount(), BUFFER_BYTES)));
        return floats;
    }

    /** Closes the file. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    Header header() {
        return header;
    }

    /** In the order of their data. */
    Map<String, TensorInfo> tensorsByName() {
        return tensorsByName;
    }

    /** A little-endian buffer outside the heap, where a channel reads and writes without a copy. */
    static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** An array for so many elements of the tensor, or a refusal that says what is missing. */
    float[] allocate(TensorInfo tensor, long count) throws CheckpointException {
        if (count > MAX_ARRAY_LENGTH) {
            throw error(tensor, tensor.layoutText() + " needs " + count
                    + " elements in memory at once, and a Java array holds at most " + MAX_ARRAY_LENGTH);
        }
        try {
            return new float[(int) count];
        } catch (OutOfMemoryError e) {
            throw error(tensor, tensor.layoutText() + " needs " + (count * Float.BYTES >> 20)
                    + " MiB of heap at once, more than there is: run java with a larger -Xmx");
        }
    }

    /** Refuses a tensor whose elements are not read as floats. */
    void checkReadsAsFloats(TensorInfo tensor) throws CheckpointException {
        if (!tensor.dataType().isFoldable()) {
            throw error(tensor, "elements of type " + tensor.dataType() + " are not read as floats, only F64, F32, F16 and BF16");
        }
    }

    /** Reads elements {@code [first, first + count)} of a tensor to {@code target}, from {@code offset} on, through {@code buffer}. */
    void read(TensorInfo tensor, long first, float[] target, int offset, int count, ByteBuffer buffer) throws IOException {
        DataType type = tensor.dataType();
        long position = tensor.begin() + first * type.bytes();
        for (int done = 0; done < count; ) {
            int block = Math.min(count - done, buffer.capacity() / type.bytes());
            buffer.clear().limit(block * type.bytes());
            readFully(buffer, dataBegin + position);
            if (!type.decode(buffer.flip(), target, offset + done, block)) {
                throw error(tensor, "holds a finite number beyond the range of float, in which weights are computed");
            }
            done += block;
            position += buffer.limit();
        }
    }

    /** Appends {@code count} bytes from {@code position} behind the header on to {@code target}; returns how many it took. */
    long transfer(long position, long count, FileChannel target) throws IOException {
        long transferred = channel.transferTo(dataBegin + position, count, target);
        if (transferred == 0) {
            throw truncated();
        }
        return transferred;
    }

    /** Fails with the file's own failure if so many bytes from {@code position} behind the header on cannot be read. */
    void checkReadable(long position, long count) throws IOException {
        ByteBuffer buffer = buffer((int) Math.min(count, BUFFER_BYTES));
        for (long done = 0; done < count; done += buffer.limit()) {
            buffer.clear().limit((int) Math.min(count - done, buffer.capacity()));
            readFully(buffer, dataBegin + position + done);
        }
    }

    /**
     * Refuses a file that was written to meanwhile. One that was replaced is another file by the same name: this one is still what
     * it was.
     */
    void checkUnchanged() throws IOException {
        if (channel.size() != fileBytes) {
            throw truncated();
        }
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            return;
        }
        if (Objects.equals(now.fileKey(), attributes.fileKey()) && !now.lastModifiedTime().equals(attributes.lastModifiedTime())) {
            throw new CheckpointException(path, "changed while it was read: it was written to at " + now.lastModifiedTime());
        }
    }

    private void readFully(ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int read;
            try {
                read = channel.read(target, at);
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                // A channel does not know its file's name.
                IOException named = new FileSystemException(path.toString(), null, "cannot be read: " + e.getMessage());
                named.initCause(e);
                throw named;
            }
            if (read < 0) {
                throw truncated();
            }
            at += read;
        }
    }

    private CheckpointException truncated() throws IOException {
        return new CheckpointException(path, "changed while it was read: it had " + fileBytes + " bytes, and now has "
                + channel.size());
    }

    private CheckpointException error(TensorInfo tensor, String problem) {
        return new CheckpointException(path, "tensor " + Printable.quoted(tensor.name()) + ": " + problem);
    }
}
