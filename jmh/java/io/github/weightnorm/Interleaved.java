package io.github.weightnorm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * One JVM of a {@link Comparison}: one workload, one kernel, several implementations in turn. Each round takes one short sample of each, in an
 * order drawn anew, behind a call that is not timed and brings its arrays back into the cache.
 */
final class Interleaved {

    /** How long a sample is to be: many clock ticks, and short beside what disturbs. */
    private static final long SAMPLE_NANOS = 500_000;

    /** What one implementation took, round by round, in nanoseconds a call. */
    record Sampled(String description, double[] nanoseconds) {}

    private final Map<Implementation, Implementation.Call> calls;
    private final Map<Implementation, List<Double>> samples = new LinkedHashMap<>();

    private Interleaved(Map<Implementation, Implementation.Call> calls) {
        this.calls = calls;
        calls.keySet().forEach(implementation -> samples.put(implementation, new ArrayList<>()));
    }

    /**
     * Measures.
     *
     * @param arguments the workload, the kernel, the implementations with commas between, seconds to warm each up, seconds to measure, and
     *     the file that receives the samples
     */
    public static void main(String[] arguments) throws IOException {
        List<Implementation> implementations = Stream.of(arguments[2].split(",")).map(Implementation::named).toList();
        Interleaved interleaved = new Interleaved(Workload.named(arguments[0]).checked(Kernel.named(arguments[1]), implementations));
        interleaved.warmUp((long) (1e9 * Double.parseDouble(arguments[3])));
        interleaved.measure((long) (1e9 * Double.parseDouble(arguments[4])));
        interleaved.write(Path.of(arguments[5]));
    }

    private void warmUp(long nanos) {
        for (Implementation.Call call : calls.values()) {
            for (long end = System.nanoTime() + nanos; System.nanoTime() < end;) {
                call.run();
            }
        }
    }

    private void measure(long nanos) {
        Map<Implementation, Integer> repetitions = new LinkedHashMap<>();
        calls.forEach((implementation, call) -> repetitions.put(implementation, repetitions(call)));
        List<Implementation> order = new ArrayList<>(calls.keySet());
        Random random = new Random(1);
        long end = System.nanoTime() + nanos;
        do {
            Collections.shuffle(order, random);
            for (Implementation implementation : order) {
                Implementation.Call call = calls.get(implementation);
                int count = repetitions.get(implementation);
                call.run();
                samples.get(implementation).add((double) time(call, count) / count);
            }
        } while (System.nanoTime() < end);
    }

    /** How many calls make a sample, by the fastest of some attempts. */
    private static int repetitions(Implementation.Call call) {
        int count = 1;
        while (time(call, count) < SAMPLE_NANOS / 8 && count < 1 << 20) {
            count *= 2;
        }
        double fastest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 5; i++) {
            fastest = Math.min(fastest, (double) time(call, count) / count);
        }
        return (int) Math.max(1, Math.round(SAMPLE_NANOS / fastest));
    }

    private static long time(Implementation.Call call, int count) {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            call.run();
        }
        return System.nanoTime() - start;
    }

    private void write(Path file) throws IOException {
        Map<String, Sampled> all = new LinkedHashMap<>();
        samples.forEach((implementation, nanos) -> all.put(implementation.name(),
                new Sampled(implementation.description(), nanos.stream().mapToDouble(Double::doubleValue).toArray())));
        Results.JSON.writeValue(file.toFile(), all);
    }
}
