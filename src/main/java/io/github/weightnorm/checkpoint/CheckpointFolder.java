package io.github.weightnorm.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * Folds the weight-normalized weights of a safetensors checkpoint.
 *
 * <pre>{@code
 * FoldReport report = CheckpointFolder.defaults().fold(Path.of("model.safetensors"), Path.of("plain.safetensors"));
 * }</pre>
 *
 * <p>Each pair {@code X_g}, {@code X_v} or {@code P.parametrizations.W.original0}, {@code original1} becomes one weight {@code X}
 * or {@code P.W}, in the type of v. The axis comes from the shapes, as {@link io.github.weightnorm.WeightNorm#infer} has it. All
 * other tensors and the metadata pass through unchanged, byte for byte. A tensor's place in the file may change: elements of more
 * bytes come first, so that every tensor lies at a multiple of its element's size, and otherwise the order stays.
 *
 * <p>Weights are computed in {@code float}; elements of type F64 are narrowed first, those of F16 and BF16 widened. Results are
 * rounded to nearest even.
 *
 * <p>A folder holds options only. It is immutable, so threads may share it. Memory does not grow with the file, nor with a tensor
 * whose axis 0 is kept; a tensor of another layout is held in memory alone.
 */
public final class CheckpointFolder {
    /** Half a MiB of floats: they stay in a core's own cache from one pass over them to the next, and calls are few. */
    static final int CHUNK_ELEMENTS = 1 << 17;
    private static final CheckpointFolder DEFAULTS =
            new CheckpointFolder(null, false, false, (written, total) -> { }, null, CHUNK_ELEMENTS);

    private final DataType dataType;
    private final boolean allowNonFinite;
    private final boolean overwrite;
    private final FoldProgress progress;
    private final Executor executor;
    private final int chunkElements;

    /**
     * @param dataType null for that of each v
     * @param executor null for the calling thread alone
     */
    private CheckpointFolder(DataType dataType, boolean allowNonFinite, boolean overwrite, FoldProgress progress, Executor executor,
            int chunkElements) {
        this.dataType = dataType;
        this.allowNonFinite = allowNonFinite;
        this.overwrite = overwrite;
        this.progress = progress;
        this.executor = executor;
        this.chunkElements = chunkElements;
    }

    /**
     * Returns a folder that keeps the type of each v, refuses NaN and infinity, and replaces no file.
     *
     * @return the folder
     */
    public static CheckpointFolder defaults() {
        return DEFAULTS;
    }

    /**
     * Returns a folder that writes all folded weights in one type.
     *
     * @param dataType F64, F32, F16 or BF16
     * @return the folder
     * @throws IllegalArgumentException if weights of that type cannot be folded
     */
    public CheckpointFolder dataType(DataType dataType) {
        if (!dataType.isFoldable()) {
            throw new IllegalArgumentException("dataType: " + dataType + " (expected: F64, F32, F16 or BF16)");
        }
        return new CheckpointFolder(dataType, allowNonFinite, overwrite, progress, executor, chunkElements);
    }

    /**
     * Returns a folder that does or does not fold channels with NaN or infinity in v or g.
     *
     * @param allowNonFinite true to fold them as IEEE arithmetic has it
     * @return the folder
     */
    public CheckpointFolder allowNonFinite(boolean allowNonFinite) {
        return new CheckpointFolder(dataType, allowNonFinite, overwrite, progress, executor, chunkElements);
    }

    /**
     * Returns a folder that does or does not replace an existing output file.
     *
     * @param overwrite true to replace it; a link, a directory or a device is refused all the same
     * @return the folder
     */
    public CheckpointFolder overwrite(boolean overwrite) {
        return new CheckpointFolder(dataType, allowNonFinite, overwrite, progress, executor, chunkElements);
    }

    /**
     * Returns a folder that tells how far it has come.
     *
     * @param progress is called while the output is written
     * @return the folder
     */
    public CheckpointFolder progress(FoldProgress progress) {
        return new CheckpointFolder(dataType, allowNonFinite, overwrite, Objects.requireNonNull(progress, "progress"), executor,
                chunkElements);
    }

    /**
     * Returns a folder that writes its output on threads of an executor, while the calling thread reads and computes, and lets them force
     * it to the disk meanwhile, in tasks of some milliseconds: two threads are of use. The file has the same bytes, and is forced as a
     * whole before it gets its name.
     *
     * <p>Where the executor is busy the calling thread does the work, so it may be one of the executor's own. No task runs any more once
     * {@link #fold} has returned or failed. To interrupt one of the executor's threads stops the fold like a failure. By default there is
     * no executor, and everything is done by the calling thread.
     *
     * @param executor runs the tasks
     * @return the folder
     */
    public CheckpointFolder executor(Executor executor) {
        return new CheckpointFolder(dataType, allowNonFinite, overwrite, progress, Objects.requireNonNull(executor, "executor"),
                chunkElements);
    }

    /** How many elements of a weight are in memory at once, if its layout allows. */
    CheckpointFolder chunkElements(int chunkElements) {
        return new CheckpointFolder(dataType, allowNonFinite, overwrite, progress, executor, chunkElements);
    }

    /**
     * Finds what there is to fold in a checkpoint, from its header alone.
     *
     * @param in a safetensors file
     * @return the pairs and the other tensors
     * @throws CheckpointException if the file is malformed or its pairs are ambiguous, the message says how
     * @throws IOException if the file cannot be read
     */
    public static FoldPlan inspect(Path in) throws IOException {
        try (SafetensorsFile checkpoint = SafetensorsFile.open(in)) {
            return PairFinder.find(in, checkpoint.tensorsByName());
        }
    }

    /**
     * Folds a checkpoint into a new file.
     *
     * <p>The output appears whole or not at all: it is written under a temporary name in the same directory, forced to the disk,
     * and renamed. After an exception there is no new file. Where there is nothing to fold, nothing is written, and the report has
     * no weights. To interrupt the thread stops it like any other failure, within a block of some megabytes.
     *
     * @param in a safetensors file, which is only read
     * @param out the file to write
     * @return what was done
     * @throws CheckpointException if the input is malformed, its pairs are ambiguous, a channel holds NaN or infinity, or a
     *     number is beyond the range of its type; the message says which
     * @throws java.nio.file.FileAlreadyExistsException if there is a file of the output's name and no leave to replace it
     * @throws java.nio.channels.ClosedByInterruptException if the thread was interrupted before the output was complete
     * @throws java.util.concurrent.RejectedExecutionException if there is an executor, and it refuses
     * @throws IOException if a file cannot be read or written, or the output is the input or not a regular file
     */
    public FoldReport fold(Path in, Path out) throws IOException {
        long started = System.nanoTime();
        try (SafetensorsFile checkpoint = SafetensorsFile.open(in)) {
            FoldPlan plan = PairFinder.find(in, checkpoint.tensorsByName());
            if (plan.pairs().isEmpty()) {
                return new FoldReport(List.of(), 0, 0, System.nanoTime() - started);
            }
            OutputFile.check(in, out, overwrite);
            List<Part> parts = parts(plan);
            ByteBuffer header = new Header(checkpoint.header().metadata(), parts.stream().map(Part::result).toList()).encode();
            if (header.limit() - Header.LENGTH_BYTES > Header.MAX_BYTES) {
                throw new CheckpointException(in, "the folded checkpoint's header would exceed the limit of " + Header.MAX_BYTES
                        + " bytes");
            }
            long total = header.limit() + parts.get(parts.size() - 1).result().end();
            List<FoldedWeight> weights = new ArrayList<>();
            try (OutputFile output = OutputFile.create(out, overwrite, total, progress, executor)) {
                output.write(header);
                PairFolder folder = new PairFolder(checkpoint, output, allowNonFinite, chunkElements);
                for (Part part : parts) {
                    if (part.pair == null) {
                        output.copy(checkpoint, part.source);
                    } else {
                        weights.add(folder.fold(part.pair, part.result.dataType()));
                    }
                }
                output.finishWriting();
                checkpoint.checkUnchanged();
                output.commit();
            }
            return new FoldReport(weights, plan.others().size(), total, System.nanoTime() - started);
        }
    }

    /**
     * A tensor of the output and where it comes from.
     *
     * @param result what the output's header says of it
     * @param source the tensor to copy, or whose place the weight takes
     * @param pair the pair to fold, null for a copy
     */
    private record Part(TensorInfo result, TensorInfo source, WeightPair pair) {
        Part at(long begin) {
            return new Part(result.at(begin), source, pair);
        }
    }

    private List<Part> parts(FoldPlan plan) {
        List<Part> parts = new ArrayList<>();
        for (TensorInfo tensor : plan.others()) {
            parts.add(new Part(tensor, tensor, null));
        }
        for (WeightPair pair : plan.pairs()) {
            TensorInfo direction = pair.direction();
            DataType type = dataType == null ? direction.dataType() : dataType;
            long bytes = Math.multiplyExact(direction.elementCount(), type.bytes());
            parts.add(new Part(new TensorInfo(pair.name(), type, direction.shape(), 0, bytes), direction, pair));
        }
        // Larger elements first, else as in the input: every tensor then lies at a multiple of its element's size.
        parts.sort(Comparator.<Part>comparingInt(part -> -part.result.dataType().bits())
                .thenComparingLong(part -> part.source.begin()).thenComparingLong(part -> part.source.end()));
        long begin = 0;
        for (int i = 0; i < parts.size(); i++) {
            parts.set(i, parts.get(i).at(begin));
            begin = parts.get(i).result.end();
        }
        return parts;
    }
}
