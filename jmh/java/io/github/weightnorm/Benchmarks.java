package io.github.weightnorm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs JMH with its own options, tells on what, and compares what it measured: the fastest iteration of each benchmark with that of
 * {@link System#arraycopy}. On a noisy machine the minimum is what the code takes, and the rest what the neighbours took.
 */
public final class Benchmarks {

    private Benchmarks() {}

    /**
     * Runs the benchmarks.
     *
     * @param arguments JMH's; a lone {@code true}, which is what Maven makes of a bare {@code -Djmh}, stands for none
     */
    public static void main(String[] arguments) throws CommandLineOptionException, RunnerException, IOException {
        boolean bare = arguments.length == 1 && arguments[0].equals("true");
        CommandLineOptions options = new CommandLineOptions(bare ? new String[0] : arguments);
        if (options.shouldHelp() || options.shouldList()) {
            org.openjdk.jmh.Main.main(arguments);
            return;
        }
        System.out.println("# " + processor() + ", " + Runtime.getRuntime().availableProcessors() + " processors, "
                + System.getProperty("java.vm.name") + " " + Runtime.version() + ", automatic back end: " + WeightNorm.backend());
        // Without this, JMH ends well with an empty table when every fork has failed.
        Collection<RunResult> results = new Runner(new OptionsBuilder().parent(options).shouldFailOnError(true).build()).run();
        compare(results);
    }

    private static String processor() throws IOException {
        Path linux = Path.of("/proc/cpuinfo");
        if (Files.isReadable(linux)) {
            for (String line : Files.readAllLines(linux)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 2);
                }
            }
        }
        return System.getProperty("os.arch");
    }

    private static void compare(Collection<RunResult> results) {
        Map<String, Double> copies = new TreeMap<>();
        List<RunResult> others = new ArrayList<>();
        for (RunResult result : results) {
            if (name(result).equals("copy")) {
                copies.merge(result.getParams().getParam("shape"), fastest(result), Math::min);
            } else {
                others.add(result);
            }
        }
        others.removeIf(result -> !copies.containsKey(String.valueOf(parameter(result, "shape"))));
        if (others.isEmpty()) {
            return;
        }
        others.sort(Comparator.comparing((RunResult r) -> parameter(r, "shape")).thenComparing(Benchmarks::name)
                .thenComparing(r -> parameter(r, "backend")));
        System.out.printf(Locale.ROOT, "%nFastest iteration of each, in microseconds, and beside System.arraycopy:%n");
        System.out.printf(Locale.ROOT, "%-14s %-20s %-8s %12s %12s %8s%n", "shape:axis", "kernel", "backend", "time", "copy", "ratio");
        for (RunResult result : others) {
            double time = fastest(result);
            double copy = copies.get(parameter(result, "shape"));
            System.out.printf(Locale.ROOT, "%-14s %-20s %-8s %12.2f %12.2f %8.2f%n", parameter(result, "shape"), name(result),
                    parameter(result, "backend"), time, copy, time / copy);
        }
    }

    private static String name(RunResult result) {
        String name = result.getParams().getBenchmark();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static String parameter(RunResult result, String key) {
        BenchmarkParams parameters = result.getParams();
        return parameters.getParamsKeys().contains(key) ? parameters.getParam(key) : "";
    }

    private static double fastest(RunResult result) {
        double fastest = Double.POSITIVE_INFINITY;
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                fastest = Math.min(fastest, iteration.getPrimaryResult().getScore());
            }
        }
        return fastest;
    }
}
