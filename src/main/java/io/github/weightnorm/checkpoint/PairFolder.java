package io.github.weightnorm.checkpoint;

import io.github.weightnorm.WeightNorm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Folds one pair after the other into the output, with arrays that are used again.
 *
 * <p>Where the kept axis is 0, a channel is a row, and a weight of any size goes through memory some rows at a time. Other
 * layouts spread a channel over the whole tensor, which then has to be in memory at once.
 */
final class PairFolder {
    private final SafetensorsFile checkpoint;
    private final OutputFile output;
    private final boolean allowNonFinite;
    private final int chunkElements;
    private final ByteBuffer buffer = SafetensorsFile.buffer(SafetensorsFile.BUFFER_BYTES);
    private float[] weights = {};
    private float[] gains = {};
    private float[] norms = {};

    PairFolder(SafetensorsFile checkpoint, OutputFile output, boolean allowNonFinite, int chunkElements) {
        this.checkpoint = checkpoint;
        this.output = output;
        this.allowNonFinite = allowNonFinite;
        this.chunkElements = chunkElements;
    }

    /** Appends the plain weight to the output. */
    FoldedWeight fold(WeightPair pair, DataType resultType) throws IOException {
        TensorInfo direction = pair.direction();
        boolean byRows = pair.keptAxis() == 0;
        long rows = byRows ? direction.shape().get(0) : 1;
        long rowLength = direction.elementCount() / rows;
        long chunkRows = Math.min(rows, Math.max(1, chunkElements / rowLength));
        reserve(pair, chunkRows * rowLength, byRows ? chunkRows : pair.channelCount());

        NormSummary summary = new NormSummary();
        for (long row = 0; row < rows; row += chunkRows) {
            int count = (int) Math.min(chunkRows, rows - row);
            Chunk chunk = byRows ? Chunk.ofRows(count, (int) rowLength) : Chunk.ofAll(pair);
            WeightNorm layer = chunk.layer;
            checkpoint.read(direction, row * rowLength, weights, layer.size(), buffer);
            checkpoint.read(pair.gain(), row, gains, layer.channelCount(), buffer);
            layer.norms(weights, 0, norms, 0);
            BitSet nonFinite = nonFiniteChannels(chunk);
            if (!nonFinite.isEmpty() && !allowNonFinite) {
                throw error(pair, "channel " + (row + nonFinite.nextSetBit(0))
                        + " holds NaN or infinity (--allow-non-finite folds it)");
            }
            layer.reconstruct(weights, 0, gains, 0, weights, 0);
            int overflow = canOverflow(resultType, chunk, nonFinite) ? firstOverflow(resultType, chunk, nonFinite) : -1;
            if (overflow >= 0) {
                throw error(pair, "channel " + (row + chunk.channelOf(overflow)) + " holds " + weights[overflow]
                        + ", beyond the range of " + resultType + " (--dtype f32 widens the result)");
            }
            write(resultType, layer.size());
            summary.add(norms, layer.channelCount());
        }
        return new FoldedWeight(pair.name(), direction.shape(), pair.keptAxis(), pair.channelCount(), summary.smallest,
                summary.largest, summary.zeros);
    }

    private void reserve(WeightPair pair, long elements, long channels) throws CheckpointException {
        if (weights.length < elements) {
            weights = null; // the smaller array must not take room from the larger one
            weights = checkpoint.allocate(pair.direction(), elements);
        }
        if (gains.length < channels) {
            gains = checkpoint.allocate(pair.gain(), channels);
            norms = checkpoint.allocate(pair.gain(), channels);
        }
    }

    /** A finite norm proves its channel finite. An infinite one may have been too large for float: then its elements tell. */
    private BitSet nonFiniteChannels(Chunk chunk) {
        BitSet channels = new BitSet();
        BitSet suspects = new BitSet();
        for (int channel = 0; channel < chunk.layer.channelCount(); channel++) {
            if (!Float.isFinite(gains[channel])) {
                channels.set(channel);
            } else if (!Float.isFinite(norms[channel])) {
                suspects.set(channel);
            }
        }
        for (int i = 0; !suspects.isEmpty() && i < chunk.layer.size(); i++) {
            if (!Float.isFinite(weights[i])) {
                channels.set(chunk.channelOf(i));
                suspects.clear(chunk.channelOf(i));
            }
        }
        return channels;
    }

    /** No element of v is larger than its norm, so none of w is larger than the gain, but for a rounding. */
    private boolean canOverflow(DataType type, Chunk chunk, BitSet nonFinite) {
        for (int channel = 0; channel < chunk.layer.channelCount(); channel++) {
            if (type.overflows(gains[channel] * (1 + 0x1p-20f)) && !nonFinite.get(channel)) {
                return true;
            }
        }
        return false;
    }

    /** What was finite must stay finite in the result's type, or the loss would go unseen. The first that does not, or −1. */
    private int firstOverflow(DataType type, Chunk chunk, BitSet nonFinite) {
        for (int i = 0; i < chunk.layer.size(); i++) {
            if (type.overflows(weights[i]) && !nonFinite.get(chunk.channelOf(i))) {
                return i;
            }
        }
        return -1;
    }

    private void write(DataType type, int count) throws IOException {
        int block;
        for (int done = 0; done < count; done += block) {
            block = Math.min(count - done, buffer.capacity() / type.bytes());
            buffer.clear().limit(block * type.bytes());
            type.encode(weights, done, block, buffer);
            output.write(buffer);
        }
    }

    private CheckpointException error(WeightPair pair, String problem) {
        return new CheckpointException(checkpoint.path(), "weight " + Printable.quoted(pair.name()) + " from "
                + Printable.quoted(pair.direction().name()) + ": " + problem);
    }

    /**
     * What is in memory of a weight.
     *
     * @param layer its layout
     * @param inner how many neighbours belong to the same channel
     */
    private record Chunk(WeightNorm layer, int inner) {
        static Chunk ofRows(int count, int length) {
            return new Chunk(WeightNorm.of(new int[] {count, length}, 0), length);
        }

        static Chunk ofAll(WeightPair pair) {
            int[] shape = pair.direction().shape().stream().mapToInt(Math::toIntExact).toArray();
            if (pair.keptAxis() < 0) {
                WeightNorm layer = WeightNorm.whole(shape);
                return new Chunk(layer, layer.size());
            }
            int inner = 1;
            for (int axis = pair.keptAxis() + 1; axis < shape.length; axis++) {
                inner *= shape[axis];
            }
            return new Chunk(WeightNorm.of(shape, pair.keptAxis()), inner);
        }

        int channelOf(int element) {
            return element / inner % layer.channelCount();
        }
    }

    /** The extremes of the norms. */
    private static final class NormSummary {
        private float smallest = Float.POSITIVE_INFINITY;
        private float largest;
        private long zeros;

        void add(float[] norms, int count) {
            for (int channel = 0; channel < count; channel++) {
                float norm = norms[channel];
                smallest = Math.min(smallest, norm);
                largest = Math.max(largest, norm);
                if (norm == 0) {
                    zeros++;
                }
            }
        }
    }
}
