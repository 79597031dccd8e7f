package io.github.weightnorm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import jdk.jfr.Recording;
import one.convert.Arguments;
import one.convert.JfrToFlame;
import one.profiler.AsyncProfiler;
import one.profiler.AsyncProfilerLoader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code flame}: where a kernel's time goes, as a flame graph with one box for each line of its source. */
@Command(name = "flame", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
        description = "Draws a flame graph (HTML) of a kernel, line by line.")
final class Flame implements Callable<Integer> {

    @Option(names = "--kernels", split = ",", defaultValue = "reconstruct", converter = Comparison.KernelConverter.class,
            description = "Default: ${DEFAULT-VALUE}")
    private List<Kernel> kernels;

    @Option(names = "--shapes", split = ",", defaultValue = "512x8x1:0,256x256x3:0,768x48x128:2",
            description = "Layers or models, as for compare. Default: ${DEFAULT-VALUE}")
    private List<String> shapes;

    @Option(names = "--implementation", defaultValue = "auto", description = "Default: ${DEFAULT-VALUE}")
    private String implementation;

    @Option(names = "--seconds", defaultValue = "3", description = "To record, ${DEFAULT-VALUE} unless given; as long again to warm up.")
    private double seconds;

    @Option(names = "--out", defaultValue = "target/flame", description = "The folder. Default: ${DEFAULT-VALUE}")
    private Path folder;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        // Else a sample counts for the next place where the JVM could stop, which is the end of the loop.
        List<String> options = List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints");
        for (Kernel kernel : kernels) {
            for (String shape : shapes) {
                Path recording = ChildJvm.run(Flame.class, options, List.of(shape, kernel.toString(), implementation, Double.toString(seconds)));
                Path html = folder.resolve(kernel + "-" + shape.replace(':', '-') + "-" + implementation + ".html");
                // From the kernel's entry down to the lines that ran; above it are seven frames of this class and of the public method.
                Arguments arguments = new Arguments("--lines", "--simple", "--inverted", "--minwidth", "0.2", "--include", ".*Flame\\.loop.*",
                        "--skip", "7", "--title", kernel + " of " + shape + " by " + implementation);
                JfrToFlame.convert(recording.toString(), html.toString(), arguments);
                System.out.println("wrote " + html);
            }
        }
        return 0;
    }

    /** The JVM that is recorded: arguments are the workload, the kernel, the implementation, seconds, and the file for the recording. */
    public static void main(String[] arguments) throws IOException {
        Implementation chosen = Implementation.named(arguments[2]);
        Implementation.Call call = Workload.named(arguments[0]).checked(Kernel.named(arguments[1]), List.of(chosen)).get(chosen);
        long nanos = (long) (1e9 * Double.parseDouble(arguments[3]));
        loop(call, nanos);
        Path file = Path.of(arguments[4]);
        if (AsyncProfilerLoader.isSupported()) {
            AsyncProfiler profiler = AsyncProfilerLoader.load();
            profiler.execute("start,event=itimer,interval=500us,jfr,file=" + file);
            loop(call, nanos);
            profiler.execute("stop");
        } else {
            // The JDK's own: fewer samples, and none of native code.
            try (Recording recording = new Recording()) {
                recording.enable("jdk.ExecutionSample").with("period", "1 ms");
                recording.start();
                loop(call, nanos);
                recording.stop();
                recording.dump(file);
            }
        }
    }

    private static void loop(Implementation.Call call, long nanos) {
        for (long end = System.nanoTime() + nanos; System.nanoTime() < end;) {
            call.run();
        }
    }
}
