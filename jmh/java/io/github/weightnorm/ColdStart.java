package io.github.weightnorm;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coldstart}: what folding costs in a fresh JVM, where most programs fold: the first time, and how it gets faster. */
@Command(name = "coldstart", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
        description = "Folds again and again in fresh JVMs, and prints the first time, and when it is fast.")
final class ColdStart implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", defaultValue = "hifi-gan-v1", description = "A model, or a layer as 256x256x3:0. Default: ${DEFAULT-VALUE}")
    private String workload;

    @Option(names = "--implementations", split = ",", defaultValue = "auto,scalar,vector", description = "Default: ${DEFAULT-VALUE}. Others "
            + "are those of compare.")
    private List<String> implementations;

    @Option(names = "--forks", defaultValue = "10", description = "JVMs for each, ${DEFAULT-VALUE} unless given.")
    private int forks;

    @Option(names = "--seconds", defaultValue = "2", description = "To go on folding in each JVM, ${DEFAULT-VALUE} unless given.")
    private double seconds;

    @Option(names = "--jvm", split = ",", description = "Options for these JVMs, with commas between, such as -XX:TieredStopAtLevel=1.")
    private List<String> jvmOptions = List.of();

    @Option(names = "--json", defaultValue = "target/coldstart.json", description = "Receives the figures. Default: ${DEFAULT-VALUE}")
    private Path json;

    /**
     * One JVM.
     *
     * @param description what folded
     * @param started when each fold began, in milliseconds from the first one's begin
     * @param took what each took, in milliseconds
     */
    record Curve(String description, double[] started, double[] took) {

        /** Of the last quarter, the median: by then nothing changes any more. */
        double last() {
            return Summary.of(Arrays.copyOfRange(took, took.length * 3 / 4, took.length)).median();
        }

        /** When the first of ten folds began whose median is within 1.15 times that of the last quarter. */
        double fastFrom() {
            double fast = 1.15 * last();
            return IntStream.range(0, took.length - 9).filter(i -> Summary.of(Arrays.copyOfRange(took, i, i + 10)).median() <= fast)
                    .mapToDouble(i -> started[i]).findFirst().orElse(Double.NaN);
        }

        /** The median of those that began in a time. From 150 milliseconds on the first compilations are behind, and vector code is to come. */
        double median(double from, double to) {
            double[] folds = during(from, to);
            return folds.length == 0 ? Double.NaN : Summary.of(folds).median();
        }

        /** The one that took longest of those. */
        double slowest(double from, double to) {
            return Arrays.stream(during(from, to)).max().orElse(Double.NaN);
        }

        private double[] during(double from, double to) {
            return IntStream.range(0, took.length).filter(i -> started[i] >= from && started[i] < to).mapToDouble(i -> took[i]).toArray();
        }
    }

    /**
     * All of them, as they lie in a file for the chart.
     *
     * @param environment the processor and the JVM
     * @param date the day
     * @param command what repeats it
     * @param workload what was folded
     * @param curves the JVMs of each implementation
     */
    record Curves(String environment, String date, String command, String workload, Map<String, List<Curve>> curves) {}

    /** One JVM: arguments are the workload, the implementation, seconds, and the file for the curve. */
    public static void main(String[] arguments) throws IOException {
        Workload workload = Workload.named(arguments[0]);
        Implementation implementation = Implementation.named(arguments[1]);
        List<Task> tasks = workload.layers().stream().map(layer -> Task.of(layer, Kernel.RECONSTRUCT)).toList();
        List<Implementation.Call> calls = tasks.stream().map(task -> implementation.prepare(Kernel.RECONSTRUCT, task)).toList();
        List<Long> times = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + (long) (1e9 * Double.parseDouble(arguments[2]));
        times.add(start);
        do {
            for (Implementation.Call call : calls) {
                call.run();
            }
            times.add(System.nanoTime());
        } while (times.get(times.size() - 1) < end);
        for (int i = 0; i < tasks.size(); i++) {
            tasks.get(i).check(implementation, Kernel.RECONSTRUCT, calls.get(i), tasks.get(i).truth(Kernel.RECONSTRUCT));
        }
        double[] started = new double[times.size() - 1];
        double[] took = new double[times.size() - 1];
        for (int i = 0; i < took.length; i++) {
            started[i] = (times.get(i) - start) / 1e6;
            took[i] = (times.get(i + 1) - times.get(i)) / 1e6;
        }
        Results.JSON.writeValue(Path.of(arguments[3]).toFile(), new Curve(implementation.description(), started, took));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.println("# " + Environment.describe());
        Map<String, List<Curve>> curves = new LinkedHashMap<>();
        // Round by round, so that a busy minute is nobody's alone.
        for (int fork = 0; fork < forks; fork++) {
            for (String implementation : implementations) {
                Path curve = ChildJvm.run(ColdStart.class, jvmOptions, List.of(workload, implementation, Double.toString(seconds)));
                curves.computeIfAbsent(implementation, name -> new ArrayList<>())
                        .add(Results.JSON.readValue(curve.toFile(), new TypeReference<Curve>() {}));
                System.err.print(".");
            }
        }
        System.err.println();
        System.out.printf(Locale.ROOT, "%n## %s in a fresh JVM: milliseconds, median of %d JVMs (10 %% to 90 %%)%n%n", workload, forks);
        System.out.println("| implementation | first fold | 150 to 450 ms | 450 ms to 1 s | slowest from 150 ms to 1 s | last quarter | fast from |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- |");
        curves.forEach((implementation, of) -> System.out.printf(Locale.ROOT, "| %s (%s) | %s | %s | %s | %s | %s | %s |%n", implementation,
                of.get(0).description(), summary(of, curve -> curve.took()[0]), summary(of, curve -> curve.median(150, 450)),
                summary(of, curve -> curve.median(450, 1000)), summary(of, curve -> curve.slowest(150, 1000)), summary(of, Curve::last),
                summary(of, Curve::fastFrom)));
        Results.write(json, new Curves(Environment.describe(), LocalDate.now().toString(), Benchmarks.command(spec), workload, curves));
        System.out.println("\nFast: ten folds whose median is within 1.15 times that of the last quarter. Wrote " + json);
        return 0;
    }

    private static String summary(List<Curve> curves, ToDoubleFunction<Curve> of) {
        Summary summary = Summary.of(curves.stream().mapToDouble(of).toArray());
        return ComparisonTable.figure(summary.median()) + " (" + ComparisonTable.figure(summary.lowDecile()) + "–"
                + ComparisonTable.figure(summary.highDecile()) + ")";
    }
}
