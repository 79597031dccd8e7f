package io.github.weightnorm.checkpoint.cli;

import io.github.weightnorm.checkpoint.LargeCheckpoint;
import io.github.weightnorm.checkpoint.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Kills folds at random moments, and looks at what they leave: the input untouched, the output absent or whole (what was there before
 * or whole, with {@code --overwrite}), and an exit code that says which. After SIGTERM no temporary file stays; after SIGKILL one may.
 *
 * <p>Arguments: an empty directory and how many folds to stop. {@link KilledFoldTest} stops a few, this program as many as asked.
 */
final class KillTrials {
    private static final int KILLED = 137;
    private static final int TERMINATED = 143;
    private static final String PREVIOUS = "previous";

    private final Path directory;
    private final Path in;
    private final Path out;
    private final Path original;
    private final Path folded;
    private final SplittableRandom random;
    private final long fullMillis;
    /** What happened how often. */
    int finishedFirst;
    int killed;
    int terminated;
    int absent;
    int previous;
    int whole;
    int temporaries;

    /** @param weights of 1 MiB each */
    KillTrials(Path directory, int weights, long seed) throws IOException, InterruptedException {
        this.directory = directory;
        this.in = directory.resolve("in.safetensors");
        this.out = directory.resolve("out.safetensors");
        this.original = directory.resolve("original");
        this.folded = directory.resolve("folded");
        this.random = new SplittableRandom(seed);
        LargeCheckpoint.write(in, weights, 512, 512, DataType.F32, 512);
        Files.copy(in, original);
        long started = System.nanoTime();
        check(CommandProcess.start(directory, "fold", "--quiet", in, folded).exitCode() == 0, "an undisturbed fold succeeds");
        fullMillis = (System.nanoTime() - started) / 1_000_000;
    }

    public static void main(String[] arguments) throws Exception {
        int wanted = Integer.parseInt(arguments[1]);
        KillTrials all = new KillTrials(Path.of(arguments[0]), 64, 6);
        for (int trial = 0; all.stopped() < wanted; trial++) {
            all.run(trial % 4 == 3, trial / 4 % 2 == 1, trial % 8 > 5);
        }
        System.out.println(String.format(Locale.ROOT, "%d folds stopped, %d by SIGKILL and %d by SIGTERM: %d left no output, %d the "
                + "previous one, %d the whole new one. %d left a temporary file, all after SIGKILL. %d more ended before the signal.",
                all.stopped(), all.killed, all.terminated, all.absent, all.previous, all.whole, all.temporaries, all.finishedFirst));
    }

    int stopped() {
        return killed + terminated;
    }

    /**
     * One trial.
     *
     * @param terminate SIGTERM in place of SIGKILL
     * @param overwrite over a previous output
     * @param late not before the output is there
     */
    void run(boolean terminate, boolean overwrite, boolean late) throws IOException, InterruptedException {
        Files.deleteIfExists(out);
        if (overwrite) {
            Files.writeString(out, PREVIOUS);
        }
        CommandProcess fold = overwrite ? CommandProcess.start(directory, "fold", "--quiet", "--overwrite", in, out)
                : CommandProcess.start(directory, "fold", "--quiet", in, out);
        if (late) {
            while (fold.isAlive() && (!Files.exists(out) || Files.size(out) == PREVIOUS.length())) {
                Thread.onSpinWait();
            }
        } else {
            Thread.sleep(random.nextLong(fullMillis));
        }
        if (terminate) {
            fold.terminate();
        } else {
            fold.kill();
        }
        check(fold, overwrite, terminate);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.collect(Collectors.toList())) {
                if (!List.of(in, original, folded).contains(file)) {
                    Files.delete(file);
                }
            }
        }
    }

    private void check(CommandProcess fold, boolean overwrite, boolean terminate) throws IOException, InterruptedException {
        int exitCode = fold.exitCode();
        check(Files.mismatch(in, original) < 0, "the input is untouched");
        boolean isWhole = Files.exists(out) && Files.mismatch(out, folded) < 0;
        boolean isPrevious = overwrite && !isWhole && Files.readString(out).equals(PREVIOUS);
        check(isWhole || isPrevious || !overwrite && !Files.exists(out), "the output is what it was, or whole");
        long left;
        try (Stream<Path> files = Files.list(directory)) {
            left = files.filter(file -> file.getFileName().toString().endsWith(".tmp")).count();
        }
        if (exitCode == 0) {
            check(isWhole, "success means that the output is there");
            check(left == 0, "a finished run leaves no temporary file");
            finishedFirst++;
            return;
        }
        check(exitCode == (terminate ? TERMINATED : KILLED), "the exit code tells the signal: " + exitCode + fold.errors());
        check(!terminate || left == 0, "a run that was asked to end leaves no temporary file");
        temporaries += (int) left;
        killed += terminate ? 0 : 1;
        terminated += terminate ? 1 : 0;
        if (isWhole) {
            whole++;
        } else if (isPrevious) {
            previous++;
        } else {
            absent++;
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }
}
