package io.github.weightnorm.checkpoint;

import io.github.weightnorm.WeightNorm;

/**
 * What of a weight is in memory, and folded, at once.
 *
 * <p>Where the kept axis is 0, a channel is a row, and a weight of any size goes through memory some rows at a time. Other layouts
 * spread a channel over the whole tensor, which then has to be in memory at once.
 *
 * @param pair the weight
 * @param firstRow the first row, 0 where it is all of the weight
 * @param layer the layout of what is in memory
 * @param inner how many neighbours belong to the same channel
 */
record Chunk(WeightPair pair, long firstRow, WeightNorm layer, int inner) {

    /** How many elements a weight's largest chunk has: no more than asked for, if its layout allows and a row is not longer. */
    static long largest(WeightPair pair, int mostElements) {
        return pair.keptAxis() == 0 ? rows(pair, mostElements) * rowLength(pair) : pair.direction().elementCount();
    }

    /** The first chunk of a weight, whose {@link #largest} fits an array. */
    static Chunk first(WeightPair pair, int mostElements) {
        if (pair.keptAxis() == 0) {
            return ofRows(pair, 0, rows(pair, mostElements), (int) rowLength(pair));
        }
        int[] shape = pair.direction().shape().stream().mapToInt(Math::toIntExact).toArray();
        if (pair.keptAxis() < 0) {
            WeightNorm layer = WeightNorm.whole(shape);
            return new Chunk(pair, 0, layer, layer.size());
        }
        int inner = 1;
        for (int axis = pair.keptAxis() + 1; axis < shape.length; axis++) {
            inner *= shape[axis];
        }
        return new Chunk(pair, 0, WeightNorm.of(shape, pair.keptAxis()), inner);
    }

    private static long rows(WeightPair pair, int mostElements) {
        return Math.min(pair.channelCount(), Math.max(1, mostElements / rowLength(pair)));
    }

    private static long rowLength(WeightPair pair) {
        return pair.direction().elementCount() / pair.channelCount();
    }

    private static Chunk ofRows(WeightPair pair, long firstRow, long rows, int rowLength) {
        return new Chunk(pair, firstRow, WeightNorm.of(new int[] {(int) rows, rowLength}, 0), rowLength);
    }

    /** The chunk behind this one, or null. */
    Chunk next() {
        long row = firstRow + layer.channelCount();
        boolean last = pair.keptAxis() != 0 || row == pair.channelCount();
        return last ? null : ofRows(pair, row, Math.min(layer.channelCount(), pair.channelCount() - row), inner);
    }

    /** Where in the weight the chunk begins. */
    long firstElement() {
        return firstRow * inner;
    }

    /** The channel that an element of the chunk belongs to, counted from the chunk's first. */
    int channelOf(int element) {
        return element / inner % layer.channelCount();
    }
}
