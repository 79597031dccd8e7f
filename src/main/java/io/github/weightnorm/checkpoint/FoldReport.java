package io.github.weightnorm.checkpoint;

import java.util.List;

/**
 * What {@link CheckpointFolder#fold} did.
 *
 * @param weights the folded weights in the order of the output; empty if there was nothing to fold, and no output was written
 *     then
 * @param copiedTensors how many tensors were copied as they are
 * @param bytes the size of the output file
 * @param elapsedNanos the time it took
 */
public record FoldReport(List<FoldedWeight> weights, int copiedTensors, long bytes, long elapsedNanos) {
    /**
     * Copies the list.
     *
     * @param weights the folded weights in the order of the output; empty if there was nothing to fold, and no output was written
     *     then
     * @param copiedTensors how many tensors were copied as they are
     * @param bytes the size of the output file
     * @param elapsedNanos the time it took
     */
    public FoldReport {
        weights = List.copyOf(weights);
    }
}
