package io.github.weightnorm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * {@code w = g·v/‖v‖} for many layers on several threads: {@link WeightNorm#reconstruct(float[], float[], float[])} for each of them,
 * with the same bits for every number of threads.
 *
 * <pre>{@code
 * ParallelFold fold = new ParallelFold();
 * fold.add(WeightNorm.conv1d(512, 80, 7), v, g, w);
 * fold.add(WeightNorm.convTranspose1d(512, 256, 16), v1, g1, v1);      // in place
 * fold.run(executor, 4);                                               // this thread and three of the executor's
 * }</pre>
 *
 * <p><strong>Work.</strong> Layers are split into ranges of channels of about the same work, so a large one keeps all threads busy; the
 * longest ranges come first. Where a range begins depends on its layer alone, and one thread takes layers as a whole. A channel is never
 * split, so neither is a layer with only one.
 *
 * <p><strong>Threads.</strong> The thread that calls {@link #run} does its share, and all of it where the executor's threads are busy:
 * it may be one of them itself without a deadlock. Executors that run a task at once, or never, do as well. Threads take ranges from a
 * counter, without a lock; none is started here. Between calls nothing is held but the arrays that were added.
 *
 * <p>Layers are to be added by one thread, and a fold is to be run by one thread at a time.
 */
public final class ParallelFold {

    /** Some 20 µs of work: much beside what it takes to come by it, and little to wait for at the end. */
    private static final int ELEMENTS = 1 << 16;
    /**
     * Where a channel's elements are spread over memory, its neighbours lie in the same cache lines, kernels take many at once, and the processor
     * reads ahead: so many floats stay together. With 64 of them two threads took longer for {@code [768, 48, 128]} than one for all of it.
     */
    private static final int SHORTEST_RUN = 256;

    private final List<Weight> weights = new ArrayList<>();
    /** What one thread takes, layer after layer: to read a part of each run costs more than to read all of it. */
    private final List<Range> whole = new ArrayList<>();
    private final List<Range> ranges = new ArrayList<>();

    /** A fold without layers. */
    public ParallelFold() {}

    /** A layer and its arrays. */
    private record Weight(WeightNorm layer, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {}

    /** The elements of an array that the index-th layer has to do with. */
    private record Span(int index, WeightNorm layer, String name, float[] array, int offset, int size, boolean written) {

        static Span furthest(Span first, Span second) {
            return first == null || second.offset + second.size > first.offset + first.size ? second : first;
        }

        void checkApart(Span other) {
            if (other != null) {
                String owned = other.name + " of layer " + other.index + ", " + other.layer;
                Arguments.apart(name + " of layer " + index + ", " + name, array, offset, size, owned, array, other.offset, other.size);
            }
        }
    }

    /** Some channels of a layer. */
    private record Range(Weight weight, int fromChannel, int toChannel) implements Runnable {

        @Override
        public void run() {
            weight.layer.range(fromChannel, toChannel)
                    .reconstruct(weight.v, weight.vOffset, weight.g, weight.gOffset, weight.w, weight.wOffset);
        }

        long elements() {
            return (long) (weight.layer.size() / weight.layer.channelCount()) * (toChannel - fromChannel);
        }
    }

    /**
     * Adds a layer: {@code w = g·v/‖v‖}.
     *
     * @param layer the layer, with all of its channels
     * @param v the direction parameter, {@link WeightNorm#size} elements
     * @param g the gains, {@link WeightNorm#channelCount} elements
     * @param w receives {@link WeightNorm#size} elements; may be v, and has no element in common with another layer's arrays
     * @return this
     * @throws IllegalArgumentException if a length is wrong, or the layer is a range
     */
    public ParallelFold add(WeightNorm layer, float[] v, float[] g, float[] w) {
        Arguments.length("v", v, layer.size());
        Arguments.length("g", g, layer.channelCount());
        Arguments.length("w", w, layer.size());
        return add(layer, v, 0, g, 0, w, 0);
    }

    /**
     * Adds a layer: {@code w = g·v/‖v‖}, with offsets.
     *
     * @param layer the layer, with all of its channels
     * @param v the direction parameter
     * @param vOffset where it begins
     * @param g the gains
     * @param gOffset where they begin
     * @param w receives the weight; may be v at the same offset, else no element in common with v or g; nor with another
     *     layer's arrays
     * @param wOffset where it begins
     * @return this
     * @throws IllegalArgumentException if the layer's own arrays overlap, or the layer is a range
     * @throws IndexOutOfBoundsException if an offset leaves too few elements
     */
    public ParallelFold add(WeightNorm layer, float[] v, int vOffset, float[] g, int gOffset, float[] w, int wOffset) {
        layer.checkReconstruct(v, vOffset, g, gOffset, w, wOffset);
        if (layer.toChannel - layer.fromChannel < layer.channelCount()) {
            throw new IllegalArgumentException("layer: " + layer + " (expected: all of its channels, which are split here)");
        }
        Weight weight = new Weight(layer, v, vOffset, g, gOffset, w, wOffset);
        weights.add(weight);
        whole.add(new Range(weight, 0, layer.channelCount()));
        split(weight);
        return this;
    }

    private void split(Weight weight) {
        Layout layout = weight.layer.layout;
        int channels = layout.channels();
        int atOnce = Math.max(1, ELEMENTS / (layout.size() / channels));
        if (layout.outer() > 1) {
            atOnce = Math.max(atOnce, SHORTEST_RUN / layout.inner());
        }
        int count = (channels - 1) / atOnce + 1;
        for (int i = 0; i < count; i++) {
            ranges.add(new Range(weight, (int) ((long) channels * i / count), (int) ((long) channels * (i + 1) / count)));
        }
    }

    /**
     * Folds all layers that were added, and returns when that is done. It can be called again, for arrays with other contents.
     *
     * <p>After an exception some weights are written and others not, or only in part, and no thread writes to them any more. Where a
     * weight takes the place of its v, that v is lost.
     *
     * @param executor the other threads; it is asked at most {@code threads − 1} times, and not at all for 1. What it still holds when
     *     this returns does nothing, and holds no arrays
     * @param threads how many threads work at once at most, the calling one among them, > 0
     * @throws IllegalArgumentException if the number of threads is not positive, or one layer writes what another one reads or writes;
     *     nothing was written then
     * @throws IllegalStateException if there is no back end, as {@link WeightNorm#backend} says; nothing was written then
     * @throws java.util.concurrent.RejectedExecutionException if the executor refuses
     * @throws InterruptedException if the calling thread was interrupted before all ranges were begun: at once, or at the end of the
     *     ranges that are being folded. An interrupt that comes later leaves its mark on the thread, and the fold complete. Interrupts of
     *     the executor's threads stop nothing
     */
    public void run(Executor executor, int threads) throws InterruptedException {
        Objects.requireNonNull(executor, "executor");
        Arguments.positive("threads", threads);
        Backend.kernels();
        checkApart();
        List<Range> longestFirst = new ArrayList<>(threads == 1 ? whole : ranges);
        longestFirst.sort(Comparator.comparingLong(Range::elements).reversed());
        SharedWork.run(longestFirst, executor, threads);
    }

    /** Which of two layers would come first depends on the threads, so no layer may write what another one has to do with. */
    private void checkApart() {
        Map<float[], List<Span>> spansByArray = new IdentityHashMap<>();
        for (int i = 0; i < weights.size(); i++) {
            Weight weight = weights.get(i);
            WeightNorm layer = weight.layer;
            add(new Span(i, layer, "g", weight.g, weight.gOffset, layer.channelCount(), false), spansByArray);
            add(new Span(i, layer, "w", weight.w, weight.wOffset, layer.size(), true), spansByArray);
            if (weight.v != weight.w || weight.vOffset != weight.wOffset) {
                add(new Span(i, layer, "v", weight.v, weight.vOffset, layer.size(), false), spansByArray);
            }
        }
        for (List<Span> spans : spansByArray.values()) {
            spans.sort(Comparator.comparingInt(Span::offset));
            Span furthest = null;
            Span furthestWritten = null;
            for (Span span : spans) {
                span.checkApart(span.written ? furthest : furthestWritten);
                furthest = Span.furthest(furthest, span);
                furthestWritten = span.written ? Span.furthest(furthestWritten, span) : furthestWritten;
            }
        }
    }

    private static void add(Span span, Map<float[], List<Span>> spansByArray) {
        spansByArray.computeIfAbsent(span.array, array -> new ArrayList<>()).add(span);
    }
}
