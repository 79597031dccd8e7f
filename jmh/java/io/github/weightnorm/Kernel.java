package io.github.weightnorm;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What an {@link Implementation} can be asked to compute. Results come in the order that is given here. */
enum Kernel {
    /** {@code ‖v‖}. */
    NORMS,
    /** {@code g/‖v‖}. */
    SCALES,
    /** {@code v/‖v‖}. */
    DIRECTIONS,
    /** {@code g·v/‖v‖} into another array. */
    RECONSTRUCT,
    /** {@code g·v/‖v‖} over v itself. Once v has the length of g, every further call writes the same numbers (or their negatives). */
    IN_PLACE,
    /** {@code g = ‖w‖} and {@code v = w}, in this order, for w = v. */
    DECOMPOSE,
    /** {@code ∇v} and {@code ∇g}, in this order, from {@code ∇w}. */
    GRADIENTS,
    /**
     * The same over {@code ∇w}. The gains are the norms, so that every further call finds a gradient of this length, with nothing left along v.
     */
    GRADIENTS_IN_PLACE;

    /** The kernel of that name, as {@link #toString} writes it. */
    static Kernel named(String name) {
        for (Kernel kernel : values()) {
            if (kernel.toString().equals(name)) {
                return kernel;
            }
        }
        throw new IllegalArgumentException("kernel: " + name + " (expected: one of "
                + Arrays.stream(values()).map(Kernel::toString).collect(Collectors.joining(", ")) + ")");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
