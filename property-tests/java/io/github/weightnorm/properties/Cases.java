package io.github.weightnorm.properties;

import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/**
 * Layers and cases at random. Lengths run from 1 to 300, and often lie at the ends of a kernel's blocks of 8, 16, 32 or 64, where an
 * index is wrong if it is anywhere.
 */
final class Cases {

    private static final Integer[] BOUNDARIES = {1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 256, 257, 300};
    private static final Double[] EPSILONS = {0x1p-40, 1e-12, 1e-6, 0.125, 3.0, 1e4};

    private Cases() {}

    /** Cases for layers of every kind without ε. */
    static Arbitrary<WeightCase> of(Arbitrary<Layer> layers, Numbers... numbers) {
        return Combinators.combine(layers, Arbitraries.of(numbers), Arbitraries.of(Numbers.EVERYDAY), seeds()).as(WeightCase::new);
    }

    /** Cases whose gains reach for the ends of the range as well. */
    static Arbitrary<WeightCase> withExtremeGains(Arbitrary<Layer> layers, Numbers... numbers) {
        return Combinators.combine(layers, Arbitraries.of(numbers), Arbitraries.of(Numbers.values()), seeds()).as(WeightCase::new);
    }

    static Arbitrary<Long> seeds() {
        return Arbitraries.longs().withoutEdgeCases();
    }

    /** Layers of every kind. */
    static Arbitrary<Layer> layers(Predicate<Layer> supported) {
        return Arbitraries.frequencyOf(Tuple.of(4, rows()), Tuple.of(3, columns()), Tuple.of(2, middle()), Tuple.of(1, whole()))
                .filter(supported);
    }

    /** Layers of every kind, of three channels at least. */
    static Arbitrary<Layer> layersOfChannels(Predicate<Layer> supported) {
        return layers(supported).filter(layer -> layer.channels() >= 3);
    }

    /** Layers of every kind with an ε. */
    static Arbitrary<Layer> layersWithEpsilon(Predicate<Layer> supported) {
        return Combinators.combine(layers(layer -> true), Arbitraries.of(EPSILONS))
                .as((layer, epsilon) -> new Layer(layer.shape(), layer.keptAxis(), epsilon)).filter(supported);
    }

    /** Layers of every kind, some with an ε. */
    static Arbitrary<Layer> layersWithAndWithoutEpsilon(Predicate<Layer> supported) {
        return Arbitraries.frequencyOf(Tuple.of(3, layers(supported)), Tuple.of(1, layersWithEpsilon(supported)));
    }

    /** {@code [in, out, kernel]}, by axis 0 as PyTorch keeps it, or by axis 1, its output channels; in and out are not the same. */
    static Arbitrary<Layer> transposedConvolutions(Predicate<Layer> supported) {
        return Combinators.combine(upTo(2, 20), upTo(2, 20), upTo(1, 16), upTo(0, 1))
                .as((in, out, size, axis) -> new Layer(new int[] {in, out.equals(in) ? out + 1 : out, size}, axis, 0))
                .filter(supported);
    }

    /** Linear layers with rows of some thousand elements. */
    static Arbitrary<Layer> longRows(Predicate<Layer> supported) {
        return Combinators.combine(upTo(1, 2), upTo(1000, 10_000)).as((channels, length) -> new Layer(new int[] {channels, length}, 0, 0))
                .filter(supported);
    }

    private static Arbitrary<Integer> upTo(int from, int to) {
        return Arbitraries.integers().between(from, to).withDistribution(RandomDistribution.uniform()).withoutEdgeCases();
    }

    private static Arbitrary<Integer> lengths() {
        return Arbitraries.oneOf(Arbitraries.of(BOUNDARIES), upTo(1, 300), upTo(1, 40));
    }

    private static Arbitrary<Layer> rows() {
        Arbitrary<Layer> linear = Combinators.combine(upTo(1, 12), lengths())
                .as((channels, length) -> new Layer(new int[] {channels, length}, 0, 0));
        Arbitrary<Layer> convolution = Combinators.combine(upTo(1, 16), upTo(1, 12), upTo(1, 11))
                .as((out, in, size) -> new Layer(new int[] {out, in, size}, 0, 0));
        return Arbitraries.oneOf(linear, convolution);
    }

    private static Arbitrary<Layer> columns() {
        Arbitrary<Layer> dense = Combinators.combine(upTo(1, 24), lengths())
                .as((length, channels) -> new Layer(new int[] {length, channels}, 1, 0));
        Arbitrary<Layer> kernelAxis = Combinators.combine(upTo(1, 8), upTo(1, 6), upTo(1, 130))
                .as((out, in, size) -> new Layer(new int[] {out, in, size}, 2, 0));
        return Arbitraries.oneOf(dense, kernelAxis);
    }

    private static Arbitrary<Layer> middle() {
        return Combinators.combine(upTo(1, 4), upTo(1, 8), lengths())
                .as((in, out, size) -> new Layer(new int[] {in, out, size}, 1, 0));
    }

    private static Arbitrary<Layer> whole() {
        return Combinators.combine(upTo(1, 6), lengths()).as((rows, length) -> new Layer(new int[] {rows, length}, Layer.WHOLE, 0));
    }
}
