package io.github.weightnorm.checkpoint;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * Steps that are done one after the other, on threads of an executor, and some of them later than the one thread that asks for them.
 *
 * <p>Who has to wait for a step that nobody has begun does it: an executor that is busy, or never runs anything, delays nothing for ever.
 * A step that fails is the last one, and the asking thread is told of it as soon as it waits for that step.
 */
final class Backlog {
    private final Executor executor;
    private final int limit;
    private final Receipt receipt;
    private final Queue<FutureTask<Long>> pending = new ArrayDeque<>();
    private FutureTask<Long> latest;

    /** Something to do, which tells how many bytes it was about. */
    interface Step {
        long run() throws IOException;
    }

    /** Is told on the asking thread of each step that was done, in their order. */
    interface Receipt {
        void done(long bytes) throws IOException;
    }

    /**
     * @param executor null to do each step at once
     * @param limit how many steps wait or run at the same time
     */
    Backlog(Executor executor, int limit, Receipt receipt) {
        this.executor = executor;
        this.limit = limit;
        this.receipt = receipt;
    }

    /** Adds a step, once there is room for it. */
    void add(Step step) throws IOException {
        if (executor == null) {
            receipt.done(step.run());
            return;
        }
        awaitRoom();
        FutureTask<Long> previous = latest;
        latest = new FutureTask<>(() -> {
            if (previous != null) {
                await(previous);
            }
            return step.run();
        });
        pending.add(latest);
        executor.execute(latest);
    }

    /** Waits until fewer steps than the limit are to be done. */
    void awaitRoom() throws IOException {
        while (pending.size() >= limit) {
            settleOldest();
        }
    }

    /** Waits until nothing is to be done any more. */
    void finish() throws IOException {
        while (!pending.isEmpty()) {
            settleOldest();
        }
    }

    /** Whether another step would be begun at once. */
    boolean isIdle() {
        return pending.isEmpty() || latest.isDone();
    }

    private void settleOldest() throws IOException {
        long bytes = await(pending.peek());
        pending.remove();
        receipt.done(bytes);
    }

    /** Waits until nobody does anything any more. Steps must fail by now; how they end is of no interest. */
    void abandon() {
        boolean interrupted = Thread.interrupted();
        while (!pending.isEmpty()) {
            pending.peek().run();
            try {
                pending.peek().get();
                pending.remove();
            } catch (ExecutionException e) {
                pending.remove();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static long await(FutureTask<Long> step) throws IOException {
        step.run(); // does nothing where another thread has begun with it
        try {
            return step.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw (Error) e.getCause();
        }
    }
}
