package io.github.weightnorm;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Tasks that a thread works off with the help of an executor's: each takes the next one until none is left.
 *
 * <p>The caller waits for nobody but those who are in the midst of a task. It never waits for one that has not begun, so an executor
 * without a free thread costs time and nothing else.
 */
final class SharedWork implements Runnable {

    private final Thread caller = Thread.currentThread();
    private final int count;
    private final AtomicInteger next = new AtomicInteger();
    /** The first thing to go wrong; from then on tasks are taken, and not run. */
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch unfinished;
    private List<? extends Runnable> tasks;

    private SharedWork(List<? extends Runnable> tasks) {
        this.tasks = tasks;
        this.count = tasks.size();
        this.unfinished = new CountDownLatch(count);
    }

    /** Runs all tasks, in any order, on this thread and at most {@code threads - 1} of the executor's. */
    static void run(List<? extends Runnable> tasks, Executor executor, int threads) throws InterruptedException {
        SharedWork work = new SharedWork(tasks);
        try {
            work.checkInterrupt();
            for (int helper = 1; helper < Math.min(threads, work.count); helper++) {
                executor.execute(work);
            }
        } catch (RuntimeException | Error refusal) {
            work.fail(refusal);
        }
        work.run();
        work.await();
        // An executor may keep the helpers that came too late for long.
        work.tasks = null;
        work.throwFailure();
    }

    /** What each thread does. */
    @Override
    public void run() {
        for (int task = next.getAndIncrement(); task < count; task = next.getAndIncrement()) {
            try {
                checkInterrupt();
                if (failure.get() == null) {
                    tasks.get(task).run();
                }
            } catch (RuntimeException | Error e) {
                fail(e);
            } finally {
                unfinished.countDown();
            }
        }
    }

    /** The caller's interrupt ends the work, whichever thread sees it; one of another thread is its executor's business. */
    private void checkInterrupt() {
        if (caller.isInterrupted() && failure.get() == null) {
            fail(new InterruptedException());
        }
    }

    private void fail(Throwable problem) {
        Throwable first = failure.compareAndExchange(null, problem);
        if (first != null && first != problem) {
            first.addSuppressed(problem);
        }
    }

    /** All tasks are taken by now, so an interrupt would save nothing. */
    private void await() {
        boolean interrupted = false;
        while (true) {
            try {
                unfinished.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            caller.interrupt();
        }
    }

    private void throwFailure() throws InterruptedException {
        Throwable problem = failure.get();
        if (problem instanceof InterruptedException interrupt) {
            Thread.interrupted(); // the exception says it now
            throw interrupt;
        } else if (problem instanceof Error error) {
            throw error;
        } else if (problem != null) {
            throw (RuntimeException) problem;
        }
    }
}
