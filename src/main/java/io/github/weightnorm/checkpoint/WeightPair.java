package io.github.weightnorm.checkpoint;

/**
 * A direction and its gain in a checkpoint, which fold into one plain weight.
 *
 * @param name the name of the plain weight; see {@link Printable} before printing it
 * @param direction v, {@code name_v} or {@code parametrizations.name.original1}
 * @param gain g, {@code name_g} or {@code parametrizations.name.original0}
 * @param keptAxis the axis of v whose indices are the channels, or −1 where one norm runs over everything
 */
public record WeightPair(String name, TensorInfo direction, TensorInfo gain, int keptAxis) {
    /**
     * Returns how many channels the weight has.
     *
     * @return the number of gains
     */
    public long channelCount() {
        return gain.elementCount();
    }
}
