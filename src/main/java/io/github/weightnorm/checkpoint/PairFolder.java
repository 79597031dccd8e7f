package io.github.weightnorm.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Folds one pair after the other into the output, with arrays that are used again. */
final class PairFolder {
    private final SafetensorsFile checkpoint;
    private final OutputFile output;
    private final int chunkElements;
    private final PairReader reader;
    private float[] weights = {};

    PairFolder(SafetensorsFile checkpoint, OutputFile output, boolean allowNonFinite, int chunkElements) {
        this.checkpoint = checkpoint;
        this.output = output;
        this.chunkElements = chunkElements;
        this.reader = new PairReader(checkpoint, SafetensorsFile.buffer(SafetensorsFile.BUFFER_BYTES), allowNonFinite);
    }

    /** Appends the plain weight to the output. */
    FoldedWeight fold(WeightPair pair, DataType resultType) throws IOException {
        TensorInfo direction = pair.direction();
        long elements = Chunk.largest(pair, chunkElements);
        if (weights.length < elements) {
            weights = null; // the smaller array must not take room from the larger one
            weights = checkpoint.allocate(direction, elements);
        }
        NormSummary summary = new NormSummary();
        for (Chunk chunk = Chunk.first(pair, chunkElements); chunk != null; chunk = chunk.next()) {
            reader.fold(chunk, resultType, weights, 0);
            write(resultType, chunk.layer().size());
            summary.add(reader.norms(), chunk.layer().channelCount());
        }
        return new FoldedWeight(pair.name(), direction.shape(), pair.keptAxis(), pair.channelCount(), summary.smallest,
                summary.largest, summary.zeros);
    }

    private void write(DataType type, int count) throws IOException {
        int block;
        for (int done = 0; done < count; done += block) {
            ByteBuffer buffer = output.buffer();
            block = Math.min(count - done, buffer.capacity() / type.bytes());
            buffer.limit(block * type.bytes());
            type.encode(weights, done, block, buffer);
            output.write(buffer);
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
