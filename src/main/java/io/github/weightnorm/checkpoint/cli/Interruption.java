package io.github.weightnorm.checkpoint.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Lets Ctrl-C and kill stop a command as a failure does: its thread is interrupted, and the JVM ends once it has cleaned up.
 *
 * <p>This belongs to a program of its own. The library has no hook in the JVM of others; there, to interrupt the thread is enough.
 */
final class Interruption {
    /** Longer than the disk takes for what is in its queue. Then the JVM ends all the same. */
    private static final long PATIENCE_SECONDS = 60;

    private Interruption() {}

    /** Runs the command on this thread and returns its exit code. The JVM has its own where a signal ended it: 128 and the signal. */
    static int guarded(IntSupplier command) {
        Thread worker = Thread.currentThread();
        CountDownLatch finished = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            worker.interrupt();
            try {
                finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "weightnorm-interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return command.getAsInt();
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is ending, and the hook waits for this thread.
            }
            finished.countDown();
        }
    }
}
