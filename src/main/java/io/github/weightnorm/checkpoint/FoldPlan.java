package io.github.weightnorm.checkpoint;

import java.util.List;

/**
 * What folding a checkpoint would do.
 *
 * @param pairs the pairs that fold into plain weights, in the order of the directions' data
 * @param others the tensors that are copied as they are, in the order of their data
 */
public record FoldPlan(List<WeightPair> pairs, List<TensorInfo> others) {
    /**
     * Copies the lists.
     *
     * @param pairs the pairs that fold into plain weights, in the order of the directions' data
     * @param others the tensors that are copied as they are, in the order of their data
     */
    public FoldPlan {
        pairs = List.copyOf(pairs);
        others = List.copyOf(others);
    }
}
