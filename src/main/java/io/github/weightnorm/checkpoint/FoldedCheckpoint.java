package io.github.weightnorm.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A safetensors checkpoint as its folded form would read: {@code w = g·v/‖v‖} stands in the place of each pair, computed when it is
 * asked for. No file is written.
 *
 * <pre>{@code
 * try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(Path.of("generator.safetensors"))) {
 *     int[] shape = checkpoint.shape("conv_pre.weight");        // [512, 80, 7]
 *     float[] weight = checkpoint.floats("conv_pre.weight");    // from conv_pre.weight_g and conv_pre.weight_v
 *     float[] bias = checkpoint.floats("conv_pre.bias");        // as it is in the file
 * }
 * }</pre>
 *
 * <p>Names, pairs, axes and refusals are those of {@link CheckpointFolder}, and so is every bit: {@link #floats} gives what
 * {@link SafetensorsFile#floats} reads from the file that {@code CheckpointFolder.defaults().dataType(DataType.F32)} writes. A checkpoint
 * without pairs, one that was folded before for instance, reads as it is. Elements of type F64 are narrowed, those of F16 and BF16
 * widened, and weights from them are not rounded back to their type.
 *
 * <p>Opening reads and checks the header alone, and keeps no tensor. Several threads may read at once. A weight's memory is that of its
 * own array, and a MiB.
 */
public final class FoldedCheckpoint implements Closeable {
    private final SafetensorsFile file;
    private final boolean allowNonFinite;
    private final Set<String> names;
    private final Map<String, WeightPair> pairs;

    private FoldedCheckpoint(SafetensorsFile file, boolean allowNonFinite, Set<String> names, Map<String, WeightPair> pairs) {
        this.file = file;
        this.allowNonFinite = allowNonFinite;
        this.names = names;
        this.pairs = pairs;
    }

    /**
     * Opens a checkpoint, reads and checks its header, and finds the pairs. NaN and infinity in a pair will be refused.
     *
     * @param in a safetensors file, which is only read
     * @return the open checkpoint
     * @throws CheckpointException if the file is malformed or its pairs are ambiguous, the message says how
     * @throws IOException if it cannot be read
     */
    public static FoldedCheckpoint open(Path in) throws IOException {
        SafetensorsFile file = SafetensorsFile.open(in);
        try {
            FoldPlan plan = PairFinder.find(in, file.tensorsByName());
            Map<String, WeightPair> byDirection = plan.pairs().stream()
                    .collect(Collectors.toMap(pair -> pair.direction().name(), Function.identity()));
            Set<String> gains = plan.pairs().stream().map(pair -> pair.gain().name()).collect(Collectors.toCollection(HashSet::new));
            // A weight stands where its direction is.
            Map<String, WeightPair> pairsByName = new LinkedHashMap<>();
            for (TensorInfo tensor : file.tensors()) {
                WeightPair pair = byDirection.get(tensor.name());
                if (pair != null) {
                    pairsByName.put(pair.name(), pair);
                } else if (!gains.contains(tensor.name())) {
                    pairsByName.put(tensor.name(), null);
                }
            }
            return new FoldedCheckpoint(file, false, Collections.unmodifiableSet(pairsByName.keySet()), pairsByName);
        } catch (Throwable failure) {
            file.close();
            throw failure;
        }
    }

    /**
     * Returns the same open checkpoint, which does or does not fold channels with NaN or infinity in v or g. To close either closes both.
     *
     * @param allowNonFinite true to fold them as IEEE arithmetic has it
     * @return the checkpoint
     */
    public FoldedCheckpoint allowNonFinite(boolean allowNonFinite) {
        return new FoldedCheckpoint(file, allowNonFinite, names, pairs);
    }

    /**
     * Returns the free-form metadata.
     *
     * @return an unmodifiable map in the file's order, empty if the file has none
     */
    public Map<String, String> metadata() {
        return file.metadata();
    }

    /**
     * Returns the names of all tensors, those of folded weights in the place of their pairs'. See {@link Printable} before printing one.
     *
     * @return an unmodifiable set in the order of the tensors' data, where a weight stands for its v
     */
    public Set<String> names() {
        return names;
    }

    /**
     * Returns the shape of a tensor; a weight has that of its v.
     *
     * @param name the tensor's name
     * @return the dimensions, outermost first; empty for a single number
     * @throws CheckpointException if there is no such tensor, or a dimension is too large for an {@code int}
     */
    public int[] shape(String name) throws CheckpointException {
        TensorInfo tensor = tensor(name);
        if (tensor.shape().stream().anyMatch(dimension -> dimension > Integer.MAX_VALUE)) {
            throw new CheckpointException(file.path(), "tensor " + Printable.quoted(name) + ": " + tensor.layoutText()
                    + " has a dimension beyond those of Java arrays");
        }
        return tensor.shape().stream().mapToInt(Long::intValue).toArray();
    }

    /**
     * Reads a tensor as floats: {@code g·v/‖v‖} for a folded weight.
     *
     * @param name the tensor's name
     * @return all elements in row-major order
     * @throws CheckpointException if there is no such tensor, it is not of type F64, F32, F16 or BF16, a finite element is or becomes
     *     one beyond the range of float, a pair holds NaN or infinity, the tensor has more elements than an array or the heap can
     *     hold, or the file was written to meanwhile
     * @throws IOException if the file cannot be read
     */
    public float[] floats(String name) throws IOException {
        TensorInfo tensor = tensor(name);
        file.checkReadsAsFloats(tensor);
        float[] floats = file.allocate(tensor, tensor.elementCount());
        read(name, tensor, floats, 0);
        return floats;
    }

    /**
     * Reads a tensor as floats to an array of the caller's: {@code g·v/‖v‖} for a folded weight. What it has written before an exception
     * is not specified; the checks of arguments and types come before that.
     *
     * @param name the tensor's name
     * @param target receives all elements in row-major order
     * @param targetOffset where they begin
     * @throws IndexOutOfBoundsException if they do not fit
     * @throws CheckpointException as {@link #floats(String)} does
     * @throws IOException if the file cannot be read
     */
    public void floats(String name, float[] target, int targetOffset) throws IOException {
        TensorInfo tensor = tensor(name);
        Objects.requireNonNull(target, "target");
        file.checkReadsAsFloats(tensor);
        if (targetOffset < 0 || tensor.elementCount() > target.length - targetOffset) {
            throw new IndexOutOfBoundsException("targetOffset: " + targetOffset + " (expected: room for the " + tensor.elementCount()
                    + " elements of " + Printable.quoted(name) + " in target, whose length is " + target.length + ")");
        }
        read(name, tensor, target, targetOffset);
    }

    /** Closes the file. */
    @Override
    public void close() throws IOException {
        file.close();
    }

    /** What the header says of a tensor, and of a weight's direction. */
    private TensorInfo tensor(String name) throws CheckpointException {
        if (!names.contains(Objects.requireNonNull(name, "name"))) {
            String folded = pairs.values().stream().filter(Objects::nonNull)
                    .filter(pair -> name.equals(pair.direction().name()) || name.equals(pair.gain().name()))
                    .map(pair -> ", it is folded into " + Printable.quoted(pair.name())).findFirst().orElse("");
            throw new CheckpointException(file.path(), "there is no tensor " + Printable.quoted(name) + folded);
        }
        WeightPair pair = pairs.get(name);
        return pair == null ? file.tensorsByName().get(name) : pair.direction();
    }

    private void read(String name, TensorInfo tensor, float[] target, int offset) throws IOException {
        WeightPair pair = pairs.get(name);
        long longest = pair == null ? tensor.byteCount() : Math.max(tensor.byteCount(), pair.gain().byteCount());
        var buffer = SafetensorsFile.buffer((int) Math.min(longest, SafetensorsFile.BUFFER_BYTES));
        if (pair == null) {
            file.read(tensor, 0, target, offset, (int) tensor.elementCount(), buffer);
        } else {
            PairReader reader = new PairReader(file, buffer, allowNonFinite);
            for (Chunk chunk = Chunk.first(pair, CheckpointFolder.CHUNK_ELEMENTS); chunk != null; chunk = chunk.next()) {
                reader.fold(chunk, DataType.F32, target, offset + (int) chunk.firstElement());
            }
        }
        file.checkUnchanged();
    }
}
