package io.github.weightnorm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code threads}: a {@link ParallelFold} on some threads beside one call for each layer, in turn, round by round. */
@Command(name = "threads", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
        description = "Folds on one thread, on several, and layer by layer, in turn, and prints the fastest of each.")
final class Threads implements Callable<Integer> {

    private static final int PIECE = 1 << 16;

    @Option(names = "--shapes", split = ",", defaultValue = "hifi-gan-v1,4096x1024:0,60*128x128x7:0,1000*512x1x7:0,768x48x128:2,4*1024x1024:1",
            description = "Models, layers as 256x256x3:0, or so many of one as 60*128x128x7:0. Default: ${DEFAULT-VALUE}")
    private List<String> workloads;

    @Option(names = "--threads", split = ",", defaultValue = "1,2", description = "Default: ${DEFAULT-VALUE}")
    private List<Integer> threads;

    @Option(names = "--seconds", defaultValue = "4", description = "To measure each workload, ${DEFAULT-VALUE} unless given.")
    private double seconds;

    @Option(names = "--warmup", defaultValue = "4", description = "Seconds to warm each up, ${DEFAULT-VALUE} unless given.")
    private double warmup;

    /** A way to fold all of a workload. */
    private interface Way {
        void fold() throws InterruptedException;
    }

    @Override
    public Integer call() throws InterruptedException {
        System.out.println("# " + Environment.describe());
        System.out.println("\nMicroseconds, the fastest of all rounds / the median; one call each / the last, fastest, and median of the rounds.\n");
        StringBuilder heading = new StringBuilder("| layers | one call each |");
        threads.forEach(count -> heading.append(' ').append(count).append(count == 1 ? " thread |" : " threads |"));
        System.out.println(heading + " times as fast | copying, times as fast |");
        System.out.println("|" + " --- |".repeat(threads.size() + 4));
        ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, Collections.max(threads) - 1));
        try {
            for (String workload : workloads) {
                System.out.println(row(Workload.named(workload), pool));
            }
        } finally {
            pool.shutdown();
        }
        System.out.println("\nback end " + WeightNorm.backend());
        return 0;
    }

    private String row(Workload workload, ExecutorService pool) throws InterruptedException {
        List<Task> tasks = workload.layers().stream().map(layer -> Task.of(layer, Kernel.RECONSTRUCT)).toList();
        List<float[]> weights = tasks.stream().map(task -> new float[task.v().length]).toList();
        ParallelFold fold = new ParallelFold();
        for (int i = 0; i < tasks.size(); i++) {
            fold.add(tasks.get(i).layer(), tasks.get(i).v(), tasks.get(i).g(), weights.get(i));
        }
        List<Way> ways = new ArrayList<>();
        ways.add(() -> {
            for (int i = 0; i < tasks.size(); i++) {
                tasks.get(i).layer().reconstruct(tasks.get(i).v(), tasks.get(i).g(), weights.get(i));
            }
        });
        threads.forEach(count -> ways.add(() -> fold.run(pool, count)));
        check(ways, weights, workload);
        List<Runnable> copies = copies(tasks, weights);
        int most = threads.get(threads.size() - 1);
        ways.add(() -> SharedWork.run(copies, pool, 1));
        ways.add(() -> SharedWork.run(copies, pool, most));
        measure(ways, warmup);
        double[][] nanos = measure(ways, seconds);
        StringBuilder row = new StringBuilder("| " + workload.name() + " |");
        for (int way = 0; way <= threads.size(); way++) {
            Summary of = Summary.of(nanos[way]);
            row.append(String.format(Locale.ROOT, " %.0f / %.0f |", of.minimum() / 1000, of.median() / 1000));
        }
        return row + speedup(nanos[0], nanos[threads.size()]) + speedup(nanos[threads.size() + 1], nanos[threads.size() + 2]);
    }

    private static String speedup(double[] before, double[] after) {
        return " " + ComparisonTable.figure(Summary.of(before).minimum() / Summary.of(after).minimum()) + " / "
                + ComparisonTable.figure(Summary.ofRatios(before, after).median()) + " |";
    }

    /** Copies v over w, piece by piece: what memory allows. */
    private static List<Runnable> copies(List<Task> tasks, List<float[]> weights) {
        List<Runnable> copies = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            float[] v = tasks.get(i).v();
            float[] w = weights.get(i);
            for (int at = 0; at < v.length; at += PIECE) {
                int from = at;
                copies.add(() -> System.arraycopy(v, from, w, from, Math.min(PIECE, v.length - from)));
            }
        }
        return copies;
    }

    /** Every way gives the bits of the first. */
    private static void check(List<Way> ways, List<float[]> weights, Workload workload) throws InterruptedException {
        List<float[]> first = null;
        for (Way way : ways) {
            weights.forEach(w -> Arrays.fill(w, Float.NaN));
            way.fold();
            first = first == null ? weights.stream().map(float[]::clone).toList() : first;
            for (int i = 0; i < weights.size(); i++) {
                if (!Arrays.equals(first.get(i), weights.get(i))) {
                    throw new IllegalStateException("layer " + i + " of " + workload.name() + " has other bits on threads");
                }
            }
        }
    }

    /** The nanoseconds of each way, round by round, each round in an order of its own. */
    private static double[][] measure(List<Way> ways, double seconds) throws InterruptedException {
        List<double[]> rounds = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < ways.size(); i++) {
            order.add(i);
        }
        Random random = new Random(1);
        long end = System.nanoTime() + (long) (1e9 * seconds);
        do {
            Collections.shuffle(order, random);
            double[] round = new double[ways.size()];
            for (int way : order) {
                long start = System.nanoTime();
                ways.get(way).fold();
                round[way] = System.nanoTime() - start;
            }
            rounds.add(round);
        } while (System.nanoTime() < end);
        double[][] nanos = new double[ways.size()][rounds.size()];
        for (int way = 0; way < nanos.length; way++) {
            for (int i = 0; i < rounds.size(); i++) {
                nanos[way][i] = rounds.get(i)[way];
            }
        }
        return nanos;
    }
}
