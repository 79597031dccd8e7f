package io.github.weightnorm;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.weightnorm.Results.Line;
import io.github.weightnorm.Results.Measurement;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code compare}: implementations side by side, sample by sample, on a machine that others use too. Each workload and kernel has JVMs of its own:
 * in one for all, the profiles of the first would be built into the code of the last.
 */
@Command(name = "compare", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
        description = "Alternates implementations in one JVM, and prints the ratios of their times.")
final class Comparison implements Callable<Integer> {

    /** Layers that stand for their kind: short rows, convolutions, Linear, the last axis, a middle one. */
    static final List<String> LAYERS = List.of("512x1x7:0", "512x8x1:0", "1024x1x3:0", "32x32x3:0", "256x256x3:0", "768x768:0", "256x256x11:0",
            "512x256x16:0", "4096x4096:0", "768x48x128:2", "1024x1024:1", "4096x4096:1", "512x256x16:1");

    @Spec
    private CommandSpec spec;

    @Option(names = "--kernels", split = ",", defaultValue = "reconstruct,in-place", converter = KernelConverter.class,
            description = "Default: ${DEFAULT-VALUE}. Also: norms, scales, directions, decompose, gradients, gradients-in-place.")
    private List<Kernel> kernels;

    @Option(names = "--shapes", split = ",", description = "Layers as 256x256x3:0 (the kept axis behind the colon), models (hifi-gan-v1, dac, "
            + "snac, kokoro, wav2vec2, dino-head), or one of the lists: layers (the default), models, rows (1 to 16384 elements a row).")
    private List<String> shapes = List.of("layers");

    @Option(names = "--implementations", split = ",", description = "Default: auto, float-loop and what the profile peers adds. auto is this "
            + "library with the back end that it chooses; vector and scalar insist on theirs. A copy is always measured beside them.")
    private List<String> implementations;

    @Option(names = "--seconds", defaultValue = "1", description = "To measure in each JVM, ${DEFAULT-VALUE} unless given.")
    private double seconds;

    @Option(names = "--warmup", defaultValue = "0.5", description = "Seconds to warm up each implementation, ${DEFAULT-VALUE} unless given.")
    private double warmup;

    @Option(names = "--forks", defaultValue = "2", description = "JVMs for each workload, ${DEFAULT-VALUE} unless given.")
    private int forks;

    @Option(names = "--jvm", split = ",", description = "Options for these JVMs, with commas between, such as -XX:UseAVX=2.")
    private List<String> jvmOptions = List.of();

    @Option(names = "--json", defaultValue = "target/compare.json", description = "Receives the figures. Default: ${DEFAULT-VALUE}")
    private Path json;

    static final class KernelConverter implements ITypeConverter<Kernel> {
        @Override
        public Kernel convert(String name) {
            try {
                return Kernel.named(name);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Workload> workloads;
        List<Implementation> chosen;
        try {
            workloads = workloads();
            chosen = chosen();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage(), wrong);
        }
        List<Implementation> ours = chosen.stream().filter(Library.class::isInstance).toList();
        if (ours.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--implementations: " + implementations
                    + " (expected: auto, vector or scalar among them)");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = spec.commandLine().getErr();
        out.println("# " + Environment.describe());
        List<Line> all = new ArrayList<>();
        for (Kernel kernel : kernels) {
            List<Line> lines = new ArrayList<>();
            for (Implementation library : ours) {
                for (Workload workload : workloads) {
                    // A JVM has one back end. Peers are measured beside the first.
                    List<Implementation> together = new ArrayList<>(List.of(library, new ArrayCopy()));
                    chosen.stream().filter(peer -> !(peer instanceof Library) && library == ours.get(0)).forEach(together::add);
                    together.removeIf(implementation -> !workload.supportedBy(implementation, kernel));
                    if (together.contains(library)) {
                        lines.add(measure(kernel, workload, together));
                        progress.print(".");
                        progress.flush();
                    }
                }
            }
            progress.println();
            if (!lines.isEmpty()) {
                ComparisonTable.print(kernel, lines, out);
                out.flush();
            }
            all.addAll(lines);
        }
        Results.write(json, new Results(Environment.describe(), LocalDate.now().toString(), Benchmarks.command(spec), all));
        out.println("\nwrote " + json);
        return 0;
    }

    private List<Workload> workloads() {
        List<Workload> workloads = new ArrayList<>();
        for (String shape : shapes) {
            for (String name : switch (shape) {
                case "layers" -> LAYERS;
                case "models" -> List.of(Model.values()).stream().map(Model::toString).toList();
                case "rows" -> rows();
                default -> List.of(shape);
            }) {
                workloads.add(Workload.named(name));
            }
        }
        return workloads;
    }

    /** A megabyte in rows of 1, 2, 4 … elements. */
    private static List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (int length = 1; length <= 16384; length *= 2) {
            rows.add((1 << 18) / length + "x" + length + ":0");
        }
        return rows;
    }

    private List<Implementation> chosen() {
        if (implementations != null) {
            return implementations.stream().filter(name -> !name.equals("copy")).map(Implementation::named).toList();
        }
        return Implementation.all().stream()
                .filter(implementation -> implementation != Library.VECTOR && implementation != Library.SCALAR)
                .filter(implementation -> !(implementation instanceof ArrayCopy)).toList();
    }

    private Line measure(Kernel kernel, Workload workload, List<Implementation> together) throws IOException, InterruptedException {
        Map<String, String> descriptions = new LinkedHashMap<>();
        Map<String, double[]> nanos = new LinkedHashMap<>();
        List<String> names = together.stream().map(Implementation::name).toList();
        for (int fork = 0; fork < forks; fork++) {
            Path samples = ChildJvm.run(Interleaved.class, jvmOptions, List.of(workload.name(), kernel.toString(), String.join(",", names),
                    Double.toString(warmup), Double.toString(seconds)));
            Map<String, Interleaved.Sampled> sampled = Results.JSON.readValue(samples.toFile(), new TypeReference<>() {});
            sampled.forEach((name, of) -> {
                descriptions.put(name, of.description());
                nanos.merge(name, of.nanoseconds(), (before, here) -> DoubleStream.concat(DoubleStream.of(before), DoubleStream.of(here)).toArray());
            });
        }
        double[] ours = nanos.get(names.get(0));
        List<Measurement> measurements = names.stream().map(name -> {
            double[] theirs = nanos.get(name);
            Summary ratio = name.equals("copy") ? Summary.ofRatios(ours, theirs) : Summary.ofRatios(theirs, ours);
            return new Measurement(name, descriptions.get(name), Summary.of(theirs), ratio);
        }).toList();
        return new Line(kernel, workload.name(), workload.size(), measurements);
    }
}
