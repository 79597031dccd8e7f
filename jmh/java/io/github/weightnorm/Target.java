package io.github.weightnorm;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * How fast this library is meant to be, on AVX-512: how many times libtorch's speed, and in how many times the time of a copy. Speeds want to
 * be above their target, times below.
 */
final class Target {

    private static final double NONE = Double.NaN;

    /** By workload: libtorch's time over ours, our time over a copy's, and the same in place. */
    private static final Map<String, double[]> TARGETS = Map.ofEntries(
            Map.entry("512x1x7:0", new double[] {15, NONE, NONE}),
            Map.entry("512x8x1:0", new double[] {2.5, NONE, NONE}),
            Map.entry("1024x1x3:0", new double[] {15, NONE, NONE}),
            Map.entry("32x32x3:0", new double[] {3.5, NONE, NONE}),
            Map.entry("256x256x3:0", new double[] {1.6, 1.45, 1.25}),
            Map.entry("768x768:0", new double[] {1.6, 1.45, 1.25}),
            Map.entry("256x256x11:0", new double[] {1.6, 1.2, 0.95}),
            Map.entry("512x256x16:0", new double[] {1.6, 1.2, 0.95}),
            Map.entry("4096x4096:0", new double[] {5, 1.5, 1}),
            Map.entry("768x48x128:2", new double[] {1.7, 1.7, NONE}),
            Map.entry("1024x1024:1", new double[] {1.6, 1.4, NONE}),
            Map.entry("4096x4096:1", new double[] {4, 2, NONE}),
            Map.entry("512x256x16:1", new double[] {4, 1.6, NONE}));

    /** By workload: libtorch's time over ours for the gradients, though it is given the norms that are computed here. */
    private static final Map<String, Double> GRADIENTS = Map.of("512x1x7:0", 1.5, "256x256x3:0", 1.5, "768x768:0", 1.5, "768x48x128:2", 1.5);

    private Target() {}

    /** What libtorch's time over ours is meant to reach. */
    static OptionalDouble speedup(Kernel kernel, String workload) {
        if (kernel == Kernel.GRADIENTS) {
            return GRADIENTS.containsKey(workload) ? OptionalDouble.of(GRADIENTS.get(workload)) : OptionalDouble.empty();
        }
        return kernel == Kernel.RECONSTRUCT ? get(workload, 0) : OptionalDouble.empty();
    }

    /** What our time over a copy's is meant not to exceed. */
    static OptionalDouble copies(Kernel kernel, String workload) {
        return switch (kernel) {
            case RECONSTRUCT -> get(workload, 1);
            case IN_PLACE -> get(workload, 2);
            default -> OptionalDouble.empty();
        };
    }

    private static OptionalDouble get(String workload, int column) {
        double[] targets = TARGETS.get(workload);
        return targets == null || Double.isNaN(targets[column]) ? OptionalDouble.empty() : OptionalDouble.of(targets[column]);
    }
}
