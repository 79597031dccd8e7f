package io.github.weightnorm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The benchmarks' one entry: {@code compare}, {@code coldstart}, {@code threads}, {@code flame}, {@code charts}, or JMH with its own options. */
public final class Benchmarks {

    private Benchmarks() {}

    /**
     * Runs what the first argument says.
     *
     * @param arguments a command with its options, or JMH's; a lone {@code true}, which is what Maven makes of a bare {@code -Djmh}, stands for none
     */
    public static void main(String[] arguments) throws CommandLineOptionException, RunnerException, IOException {
        boolean bare = arguments.length == 1 && arguments[0].equals("true");
        List<String> words = bare ? List.of() : Arrays.asList(arguments);
        Object command = switch (words.isEmpty() ? "" : words.get(0)) {
            case "compare" -> new Comparison();
            case "coldstart" -> new ColdStart();
            case "threads" -> new Threads();
            case "flame" -> new Flame();
            case "charts" -> new Charts();
            default -> null;
        };
        if (command != null) {
            System.exit(new CommandLine(command).execute(words.subList(1, words.size()).toArray(String[]::new)));
        }
        jmh(words.toArray(String[]::new));
    }

    /** What runs the command again as it was run. */
    static String command(CommandSpec spec) {
        List<String> words = new ArrayList<>(List.of("-Djmh=\"" + spec.name()));
        words.addAll(spec.commandLine().getParseResult().originalArgs());
        return "mvn -q -Ppeers " + String.join(" ", words) + "\"";
    }

    private static void jmh(String... arguments) throws CommandLineOptionException, RunnerException, IOException {
        CommandLineOptions options = new CommandLineOptions(arguments);
        if (options.shouldHelp() || options.shouldList() || options.shouldListWithParams() || options.shouldListProfilers()
                || options.shouldListResultFormats()) {
            org.openjdk.jmh.Main.main(arguments);
            return;
        }
        System.out.println("# " + Environment.describe() + ", automatic back end: " + WeightNorm.backend());
        Collection<RunResult> results = new Runner(options).run();
        if (results.isEmpty()) {
            // JMH itself ends well when every fork has failed.
            throw new IllegalStateException("no benchmark succeeded");
        }
    }
}
