package io.github.weightnorm.checkpoint.cli;

import io.github.weightnorm.WeightNorm;
import io.github.weightnorm.checkpoint.CheckpointFolder;
import io.github.weightnorm.checkpoint.DataType;
import io.github.weightnorm.checkpoint.FoldPlan;
import io.github.weightnorm.checkpoint.FoldReport;
import io.github.weightnorm.checkpoint.FoldedWeight;
import io.github.weightnorm.checkpoint.Printable;
import io.github.weightnorm.checkpoint.TensorInfo;
import io.github.weightnorm.checkpoint.WeightPair;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The command line: folds a checkpoint, or tells what there is to fold. */
@Command(name = "weightnorm", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Folds weight-normalized safetensors checkpoints into plain weights: w = g*v/|v|.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:refused or failed, one line on stderr says why", "2:wrong usage", "3:nothing to fold"})
public final class Main {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;
    static final int NOTHING_TO_FOLD = 3;

    private final PrintStream out;
    private final PrintStream err;

    private Main(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /**
     * Runs the command and ends the JVM with its exit code.
     *
     * @param arguments what the user typed
     */
    public static void main(String[] arguments) {
        System.exit(Interruption.guarded(() -> run(arguments, System.out, System.err)));
    }

    /** Runs the command and returns its exit code. */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        CommandLine commandLine;
        try {
            commandLine = commandLine(out, err);
        } catch (NoClassDefFoundError missing) {
            return fail(err, FAILED, "the command line needs picocli, which this JVM runs without: add info.picocli:picocli to the class "
                    + "path, or run weightnorm-cli.jar, which holds it");
        }
        try {
            return commandLine.execute(arguments);
        } catch (Error e) {
            return fail(err, FAILED, Failures.explain(e));
        }
    }

    private static CommandLine commandLine(PrintStream out, PrintStream err) {
        return new CommandLine(new Main(out, err))
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setParameterExceptionHandler((failure, typed) -> fail(err, WRONG_USAGE, failure.getMessage() + " (see "
                        + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help)"))
                .setExecutionExceptionHandler((failure, command, parsed) -> fail(err, FAILED, Failures.explain(failure)));
    }

    private static int fail(PrintStream err, int exitCode, String problem) {
        err.println("weightnorm: " + Printable.of(problem, 8192));
        return exitCode;
    }

    @Command(name = "fold", mixinStandardHelpOptions = true, versionProvider = Version.class,
            description = "Writes a checkpoint in which every g/v pair is one plain weight, and everything else is as it was.")
    int fold(
            @Parameters(paramLabel = "IN", converter = FileName.class,
                    description = "a safetensors file, which is only read") Path in,
            @Parameters(paramLabel = "OUT", converter = FileName.class,
                    description = "the file to write; it appears whole or not at all") Path output,
            @Option(names = "--dtype", paramLabel = "TYPE", converter = FoldableType.class,
                    description = "type of the folded weights: f64, f32, f16 or bf16 (default: that of each v)") DataType type,
            @Option(names = "--allow-non-finite", description = "fold channels with NaN or infinity too") boolean allowNonFinite,
            @Option(names = "--overwrite", description = "replace OUT if it exists") boolean overwrite,
            @Option(names = "--one-thread", description = "do everything on one thread, where two more would write OUT and force it "
                    + "to the disk meanwhile") boolean oneThread,
            @Option(names = "--quiet", description = "print nothing when all is well") boolean quiet) throws IOException {
        CheckpointFolder folder = CheckpointFolder.defaults().allowNonFinite(allowNonFinite).overwrite(overwrite);
        if (type != null) {
            folder = folder.dataType(type);
        }
        FoldReport report;
        ExecutorService writers = Executors.newFixedThreadPool(2, Main::writer); // starts none before the first task
        try (Progress progress = new Progress(err, !quiet && Progress.onTerminal())) {
            report = (oneThread ? folder : folder.executor(writers)).progress(progress).fold(in, output);
        } finally {
            writers.shutdown();
        }
        if (report.weights().isEmpty()) {
            return fail(err, NOTHING_TO_FOLD, in + ": nothing to fold, so " + output + " was not written");
        }
        if (!quiet) {
            print(report);
        }
        return DONE;
    }

    private static Thread writer(Runnable work) {
        Thread thread = new Thread(work, "weightnorm-writer");
        thread.setDaemon(true);
        return thread;
    }

    @Command(name = "inspect", mixinStandardHelpOptions = true, versionProvider = Version.class,
            description = "Tells what fold would do, from the header of the checkpoint alone.")
    int inspect(
            @Parameters(paramLabel = "IN", converter = FileName.class, description = "a safetensors file") Path in) throws IOException {
        print(CheckpointFolder.inspect(in));
        return DONE;
    }

    private void print(FoldReport report) {
        Table table = new Table("<weight", "<shape", ">axis", ">channels", ">smallest norm", ">largest norm", ">zero channels");
        for (FoldedWeight weight : report.weights()) {
            table.add(Printable.of(weight.name()), shape(weight.shape()), axis(weight.keptAxis()),
                    String.valueOf(weight.channelCount()), norm(weight.smallestNorm()), norm(weight.largestNorm()),
                    String.valueOf(weight.zeroChannels()));
        }
        table.print(out);
        out.println();
        out.println("folded " + Units.count(report.weights().size(), "weight") + ", copied "
                + Units.count(report.copiedTensors(), "other tensor") + ": " + Units.bytes(report.bytes()) + " in "
                + Units.time(report.elapsedNanos()) + ", backend " + WeightNorm.backend());
    }

    private void print(FoldPlan plan) {
        if (!plan.pairs().isEmpty()) {
            Table table = new Table("<weight", "<shape", ">axis", ">channels", "<type", "<spelling");
            for (WeightPair pair : plan.pairs()) {
                table.add(Printable.of(pair.name()), shape(pair.direction().shape()), axis(pair.keptAxis()),
                        String.valueOf(pair.channelCount()), types(pair), spelling(pair));
            }
            table.print(out);
            out.println();
        }
        String byType = plan.others().stream()
                .collect(Collectors.groupingBy(TensorInfo::dataType, TreeMap::new, Collectors.counting())).entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey()).collect(Collectors.joining(", "));
        out.println((plan.pairs().isEmpty() ? "nothing to fold" : Units.count(plan.pairs().size(), "weight") + " to fold") + ", "
                + Units.count(plan.others().size(), "other tensor") + (byType.isEmpty() ? "" : " (" + byType + ")") + " of "
                + Units.bytes(plan.others().stream().mapToLong(TensorInfo::byteCount).sum()));
    }

    private static String shape(List<Long> shape) {
        return Printable.of(shape.toString());
    }

    private static String axis(int keptAxis) {
        return keptAxis < 0 ? "whole" : String.valueOf(keptAxis);
    }

    private static String norm(float norm) {
        boolean ordinary = norm == 0 || norm >= 0.001 && norm < 1e6;
        return String.format(Locale.ROOT, ordinary ? "%.5f" : "%.5e", norm);
    }

    private static String types(WeightPair pair) {
        DataType direction = pair.direction().dataType();
        DataType gain = pair.gain().dataType();
        return direction == gain ? direction.name() : direction + ", g " + gain;
    }

    private static String spelling(WeightPair pair) {
        return pair.gain().name().equals(pair.name() + "_g") ? "_g, _v" : "original0, original1";
    }

    /** The version of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"weightnorm " + (version == null ? "(unpackaged)" : version)};
        }
    }

    /** A path. In the C locale the JVM knows no character beyond ASCII, and what it makes of such an argument names no file. */
    static final class FileName implements ITypeConverter<Path> {
        @Override
        public Path convert(String text) {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new TypeConversionException("'" + text + "' is no file name in this locale, whose character set is "
                        + System.getProperty("sun.jnu.encoding") + "; with LC_ALL=C.UTF-8 it may be");
            }
        }
    }

    /** The types that weights can be written in. */
    static final class FoldableType implements ITypeConverter<DataType> {
        @Override
        public DataType convert(String text) {
            for (DataType type : DataType.values()) {
                if (type.isFoldable() && type.name().equalsIgnoreCase(text)) {
                    return type;
                }
            }
            throw new TypeConversionException("expected f64, f32, f16 or bf16, not '" + text + "'");
        }
    }
}
