package io.github.weightnorm.checkpoint.cli;

import io.github.weightnorm.checkpoint.FoldProgress;
import java.io.Console;
import java.io.PrintStream;
import java.util.function.LongSupplier;

/** One line on a terminal, from the first second on, which disappears at the end. */
final class Progress implements FoldProgress, AutoCloseable {
    private static final long FIRST_NANOS = 1_000_000_000L;
    private static final long INTERVAL_NANOS = 100_000_000L;

    private final PrintStream terminal;
    private final boolean enabled;
    private final LongSupplier clock;
    private long nextNanos;
    private int shownLength;

    Progress(PrintStream terminal, boolean enabled) {
        this(terminal, enabled, System::nanoTime);
    }

    /** @param clock counts nanoseconds from any beginning */
    Progress(PrintStream terminal, boolean enabled, LongSupplier clock) {
        this.terminal = terminal;
        this.enabled = enabled;
        this.clock = clock;
        this.nextNanos = clock.getAsLong() + FIRST_NANOS;
    }

    /** Whether somebody watches. Between Java 22 and 24 there is a console without a terminal too, but it can be asked. */
    static boolean onTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    @Override
    public void written(long writtenBytes, long totalBytes) {
        long now = clock.getAsLong();
        if (enabled && now - nextNanos >= 0) {
            nextNanos = now + INTERVAL_NANOS;
            show((long) (writtenBytes * 100.0 / totalBytes) + " % of " + Units.bytes(totalBytes));
        }
    }

    private void show(String line) {
        terminal.print("\r" + line + " ".repeat(Math.max(0, shownLength - line.length())));
        terminal.flush();
        shownLength = line.length();
    }

    /** Erases the line. */
    @Override
    public void close() {
        if (shownLength > 0) {
            show("");
            terminal.print("\r");
            terminal.flush();
        }
    }
}
