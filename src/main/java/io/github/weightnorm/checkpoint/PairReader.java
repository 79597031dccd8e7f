package io.github.weightnorm.checkpoint;

import io.github.weightnorm.WeightNorm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/** Reads pairs and folds them in memory, a chunk at a time, through arrays that are used again. For one thread. */
final class PairReader {
    private final SafetensorsFile checkpoint;
    private final ByteBuffer buffer;
    private final boolean allowNonFinite;
    private float[] gains = {};
    private float[] norms = {};

    PairReader(SafetensorsFile checkpoint, ByteBuffer buffer, boolean allowNonFinite) {
        this.checkpoint = checkpoint;
        this.buffer = buffer;
        this.allowNonFinite = allowNonFinite;
    }

    /** Writes a chunk's weights, each of them within the range of a type unless its channel holds NaN or infinity already. */
    void fold(Chunk chunk, DataType type, float[] weights, int offset) throws IOException {
        WeightNorm layer = chunk.layer();
        WeightPair pair = chunk.pair();
        if (gains.length < layer.channelCount()) {
            gains = checkpoint.allocate(pair.gain(), layer.channelCount());
            norms = checkpoint.allocate(pair.gain(), layer.channelCount());
        }
        checkpoint.read(pair.direction(), chunk.firstElement(), weights, offset, layer.size(), buffer);
        checkpoint.read(pair.gain(), chunk.firstRow(), gains, 0, layer.channelCount(), buffer);
        layer.norms(weights, offset, norms, 0);
        BitSet nonFinite = nonFiniteChannels(chunk, weights, offset);
        if (!nonFinite.isEmpty() && !allowNonFinite) {
            throw error(pair, "channel " + (chunk.firstRow() + nonFinite.nextSetBit(0))
                    + " holds NaN or infinity (--allow-non-finite or allowNonFinite(true) folds it)");
        }
        layer.reconstruct(weights, offset, gains, 0, weights, offset);
        int overflow = canOverflow(type, chunk, nonFinite) ? firstOverflow(type, chunk, nonFinite, weights, offset) : -1;
        if (overflow >= 0) {
            throw error(pair, "channel " + (chunk.firstRow() + chunk.channelOf(overflow)) + " holds " + weights[offset + overflow]
                    + ", beyond the range of " + type + (type.bits() < Float.SIZE ? " (--dtype f32 widens the result)" : ""));
        }
    }

    /** The norms of the chunk that was folded last, with more behind them. */
    float[] norms() {
        return norms;
    }

    /** A finite norm proves its channel finite. An infinite one may have been too large for float: then its elements tell. */
    private BitSet nonFiniteChannels(Chunk chunk, float[] weights, int offset) {
        BitSet channels = new BitSet();
        BitSet suspects = new BitSet();
        for (int channel = 0; channel < chunk.layer().channelCount(); channel++) {
            if (!Float.isFinite(gains[channel])) {
                channels.set(channel);
            } else if (!Float.isFinite(norms[channel])) {
                suspects.set(channel);
            }
        }
        for (int i = 0; !suspects.isEmpty() && i < chunk.layer().size(); i++) {
            if (!Float.isFinite(weights[offset + i])) {
                channels.set(chunk.channelOf(i));
                suspects.clear(chunk.channelOf(i));
            }
        }
        return channels;
    }

    /** No element of v is larger than its norm, so none of w is larger than the gain, but for a rounding. */
    private boolean canOverflow(DataType type, Chunk chunk, BitSet nonFinite) {
        for (int channel = 0; channel < chunk.layer().channelCount(); channel++) {
            if (type.overflows(gains[channel] * (1 + 0x1p-20f)) && !nonFinite.get(channel)) {
                return true;
            }
        }
        return false;
    }

    /** What was finite must stay finite in the result's type, or the loss would go unseen. The first that does not, or −1. */
    private static int firstOverflow(DataType type, Chunk chunk, BitSet nonFinite, float[] weights, int offset) {
        for (int i = 0; i < chunk.layer().size(); i++) {
            if (type.overflows(weights[offset + i]) && !nonFinite.get(chunk.channelOf(i))) {
                return i;
            }
        }
        return -1;
    }

    private CheckpointException error(WeightPair pair, String problem) {
        return new CheckpointException(checkpoint.path(), "weight " + Printable.quoted(pair.name()) + " from "
                + Printable.quoted(pair.direction().name()) + ": " + problem);
    }
}
