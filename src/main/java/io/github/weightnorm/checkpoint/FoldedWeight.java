package io.github.weightnorm.checkpoint;

import java.util.List;

/**
 * A weight that was folded.
 *
 * @param name the plain weight's name; see {@link Printable} before printing it
 * @param shape its dimensions, outermost first
 * @param keptAxis the axis whose indices are the channels, or −1 where one norm ran over everything
 * @param channelCount the number of channels
 * @param smallestNorm the smallest norm of a channel of v; NaN if one of them is
 * @param largestNorm the largest norm of a channel of v; NaN if one of them is, infinite if it is beyond the range of float
 * @param zeroChannels how many channels of v hold nothing but zeros, as those of the weight then do
 */
public record FoldedWeight(String name, List<Long> shape, int keptAxis, long channelCount, float smallestNorm, float largestNorm,
        long zeroChannels) {
    /**
     * Copies the shape.
     *
     * @param name the plain weight's name; see {@link Printable} before printing it
     * @param shape its dimensions, outermost first
     * @param keptAxis the axis whose indices are the channels, or −1 where one norm ran over everything
     * @param channelCount the number of channels
     * @param smallestNorm the smallest norm of a channel of v; NaN if one of them is
     * @param largestNorm the largest norm of a channel of v; NaN if one of them is, infinite if it is beyond the range of float
     * @param zeroChannels how many channels of v hold nothing but zeros, as those of the weight then do
     */
    public FoldedWeight {
        shape = List.copyOf(shape);
    }
}
