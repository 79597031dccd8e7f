package io.github.weightnorm;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * A way to compute weight normalization: this library's, or a peer's. Benchmarks know nothing else of what they measure. Peers with
 * dependencies are on the class path in the profile {@code peers} alone, as services.
 */
interface Implementation {

    /** The name by which options and tables know it. */
    String name();

    /** What just this is: version, number of threads, vector width, as far as they are known. */
    String description();

    /** Whether it has the kernel for the layer. */
    boolean supports(Kernel kernel, WeightNorm layer);

    /** The kernel on numbers of its own, copied from the task, with everything done that a user would do once. */
    Call prepare(Kernel kernel, Task task);

    /** A kernel that is ready to run, again and again. */
    interface Call extends AutoCloseable {

        /** Computes. */
        void run();

        /** What the last run computed, in the order that {@link Kernel} states. */
        float[][] results();

        @Override
        default void close() {}

        /** A call that writes to these arrays. */
        static Call of(Runnable kernel, float[]... results) {
            return new Call() {
                @Override
                public void run() {
                    kernel.run();
                }

                @Override
                public float[][] results() {
                    return results;
                }
            };
        }
    }

    /** All that this class path has: this library, the loop that anyone would write, what bounds a kernel, and the peers. */
    static List<Implementation> all() {
        List<Implementation> all = new ArrayList<>(List.of(Library.AUTO, Library.VECTOR, Library.SCALAR, new FloatLoop(), new ArrayCopy(),
                Bound.FLOOR, Bound.SUMS));
        ServiceLoader.load(Implementation.class).forEach(all::add);
        return all;
    }

    /** The implementation of that name. */
    static Implementation named(String name) {
        List<Implementation> all = all();
        return all.stream().filter(implementation -> implementation.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("implementation: " + name + " (expected: one of "
                        + all.stream().map(Implementation::name).collect(Collectors.joining(", ")) + "; profile peers adds others)"));
    }
}
