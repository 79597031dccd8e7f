package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of tasks that fail, threads that are interrupted, and helpers that never come. */
@Timeout(120)
class SharedWorkTest {

    private final ExecutorService pool = Executors.newFixedThreadPool(7);

    @AfterEach
    void endThreads() {
        assertFalse(Thread.interrupted(), "the test leaves no interrupt behind");
        pool.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 100})
    void eachTaskRunsOnce(int threads) throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            List<AtomicInteger> runs = new ArrayList<>();
            for (int i = 0; i < round; i++) {
                runs.add(new AtomicInteger());
            }
            SharedWork.run(runs.stream().map(run -> (Runnable) run::incrementAndGet).toList(), pool, threads);
            for (AtomicInteger run : runs) {
                assertEquals(1, run.get());
            }
        }
    }

    /** Each task waits for the other, so they end only if two threads have them. */
    @Test
    void tasksRunAtOnce() throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        Runnable meet = () -> {
            both.countDown();
            awaitUnchecked(both);
        };
        SharedWork.run(List.of(meet, meet), pool, 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void aFailureReachesTheCallerWhenNoTaskRunsAnyMore(int threads) {
        for (int round = 0; round < 200; round++) {
            AtomicInteger running = new AtomicInteger();
            AtomicInteger ran = new AtomicInteger();
            Throwable problem = round % 2 == 0 ? new IllegalStateException("no") : new StackOverflowError();
            List<Runnable> tasks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                boolean fails = i == round % 50;
                tasks.add(() -> {
                    running.incrementAndGet();
                    ran.incrementAndGet();
                    try {
                        if (fails) {
                            throwUnchecked(problem);
                        }
                    } finally {
                        running.decrementAndGet();
                    }
                });
            }
            assertSame(problem, assertThrows(problem.getClass(), () -> SharedWork.run(tasks, pool, threads)));
            assertEquals(0, running.get());
            if (threads == 1) {
                assertEquals(round % 50 + 1, ran.get(), "what was not begun is left");
            }
        }
    }

    @Test
    void furtherFailuresAreSuppressedOnes() {
        CountDownLatch both = new CountDownLatch(2);
        Runnable fail = () -> {
            both.countDown();
            awaitUnchecked(both);
            throw new IllegalStateException();
        };
        IllegalStateException failure = assertThrows(IllegalStateException.class, () -> SharedWork.run(List.of(fail, fail), pool, 2));
        assertEquals(1, failure.getSuppressed().length);
        // The same exception from both does not suppress itself.
        RuntimeException shared = new RuntimeException();
        CountDownLatch again = new CountDownLatch(2);
        Runnable failAlike = () -> {
            again.countDown();
            awaitUnchecked(again);
            throw shared;
        };
        assertSame(shared, assertThrows(RuntimeException.class, () -> SharedWork.run(List.of(failAlike, failAlike), pool, 2)));
    }

    @Test
    void anInterruptOfTheCallerLeavesTheRestUndone() {
        AtomicInteger ran = new AtomicInteger();
        Runnable count = ran::incrementAndGet;
        Runnable interrupt = () -> {
            ran.incrementAndGet();
            Thread.currentThread().interrupt();
        };
        assertThrows(InterruptedException.class, () -> SharedWork.run(List.of(count, interrupt, count, count), Runnable::run, 4));
        assertEquals(2, ran.get());
        assertFalse(Thread.currentThread().isInterrupted(), "the exception stands for the mark");
    }

    @Test
    void anInterruptInTheLastTaskOrWhileWaitingLeavesItsMarkOnly() throws InterruptedException {
        SharedWork.run(List.of(() -> Thread.currentThread().interrupt()), pool, 1);
        assertTrue(Thread.interrupted());

        Thread caller = Thread.currentThread();
        CountDownLatch begun = new CountDownLatch(1);
        AtomicInteger done = new AtomicInteger();
        Runnable either = () -> {
            if (Thread.currentThread() == caller) {
                awaitUnchecked(begun);
                return;
            }
            begun.countDown();
            while (caller.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            caller.interrupt();
            sleepUnchecked(50);
            done.incrementAndGet();
        };
        SharedWork.run(List.of(either, either), pool, 2);
        assertEquals(1, done.get(), "the other thread was waited for");
        assertTrue(Thread.interrupted());
    }

    @Test
    void aFailureOutweighsAnInterruptWhichStays() {
        List<Runnable> tasks = List.of(() -> {
            Thread.currentThread().interrupt();
            throw new IllegalStateException();
        }, () -> { });
        IllegalStateException failure = assertThrows(IllegalStateException.class, () -> SharedWork.run(tasks, pool, 1));
        assertEquals(0, failure.getSuppressed().length);
        assertTrue(Thread.interrupted());
    }

    @Test
    void interruptedHelpersGoOn() throws InterruptedException {
        AtomicInteger ran = new AtomicInteger();
        Runnable count = () -> {
            ran.incrementAndGet();
            sleepUnchecked(1);
        };
        SharedWork.run(Arrays.asList(count, count, count, count, count, count), task -> pool.execute(() -> {
            Thread.currentThread().interrupt();
            task.run();
        }), 4);
        assertEquals(6, ran.get());
    }

    @Test
    void anExecutorThatKeepsATaskKeepsNothingElse() throws InterruptedException {
        List<Runnable> kept = new ArrayList<>();
        float[] array = new float[1];
        WeakReference<float[]> reference = new WeakReference<>(array);
        SharedWork.run(List.of(writing(array), writing(array)), kept::add, 2);
        array = null;
        for (int i = 0; i < 100 && reference.get() != null; i++) {
            System.gc();
            sleepUnchecked(10);
        }
        assertEquals(null, reference.get());
        assertEquals(1, kept.size());
        kept.get(0).run();
    }

    private static Runnable writing(float[] array) {
        return () -> array[0] = 1;
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            assertTrue(latch.await(1, TimeUnit.MINUTES));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void sleepUnchecked(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void throwUnchecked(Throwable problem) {
        if (problem instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) problem;
    }
}
