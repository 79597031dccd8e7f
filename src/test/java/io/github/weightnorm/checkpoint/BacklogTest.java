package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final Executor NEVER = task -> { };

    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final List<Long> done = new ArrayList<>();
    private final List<Long> receipts = new ArrayList<>();

    @AfterEach
    void endThreads() {
        Thread.interrupted();
        threads.shutdownNow();
    }

    @Test
    void stepsAreDoneInTheirOrderOnAnyThread() throws IOException {
        Backlog backlog = backlog(threads, 8);
        List<Long> all = LongStream.range(0, 1000).boxed().toList();
        for (long number : all) {
            backlog.add(step(number)); // done is no list for threads: the order alone makes this right
        }
        backlog.finish();
        assertEquals(all, done);
        assertEquals(all, receipts);
    }

    @Test
    void withoutAnExecutorAStepIsDoneAtOnce() throws IOException {
        Backlog backlog = backlog(null, 8);
        backlog.add(step(1));
        assertEquals(List.of(1L), done);
        assertEquals(List.of(1L), receipts);
        assertTrue(backlog.isIdle());
    }

    @Test
    void anExecutorThatRunsNothingDelaysNoMoreStepsThanTheLimit() throws IOException {
        Backlog backlog = backlog(NEVER, 3);
        for (long number = 1; number <= 3; number++) {
            backlog.add(step(number));
        }
        assertEquals(List.of(), done);
        assertFalse(backlog.isIdle());
        backlog.add(step(4));
        assertEquals(List.of(1L), done);
        backlog.awaitRoom();
        assertEquals(List.of(1L, 2L), done);
        backlog.finish();
        assertEquals(List.of(1L, 2L, 3L, 4L), done);
        assertEquals(done, receipts);
        assertTrue(backlog.isIdle());
    }

    @Test
    void aFailureIsTheEnd() throws IOException {
        for (Throwable failure : List.of(new IOException(), new IllegalStateException(), new OutOfMemoryError())) {
            done.clear();
            receipts.clear();
            Backlog backlog = backlog(threads, 8);
            backlog.add(step(1));
            backlog.add(() -> {
                throw thrown(failure);
            });
            backlog.add(step(3));
            assertSame(failure, assertThrows(Throwable.class, backlog::finish));
            backlog.abandon();
            assertEquals(List.of(1L), done);
            assertEquals(List.of(1L), receipts);
        }
    }

    @Test
    void aRefusalReachesTheCallerAndLeavesNothingToWaitFor() {
        Backlog backlog = backlog(task -> {
            throw new RejectedExecutionException();
        }, 8);
        assertThrows(RejectedExecutionException.class, () -> backlog.add(step(1)));
        backlog.abandon();
        assertTrue(backlog.isIdle());
    }

    @Test
    void anAbandonedBacklogWaitsForTheStepThatRunsAndKeepsAnInterrupt() throws Exception {
        Backlog backlog = backlog(threads, 8);
        CountDownLatch begun = new CountDownLatch(1);
        backlog.add(() -> {
            begun.countDown();
            sleep(100);
            return step(1).run();
        });
        begun.await();
        Thread.currentThread().interrupt();
        backlog.abandon();
        assertTrue(Thread.interrupted());
        assertEquals(List.of(1L), done);
        assertEquals(List.of(), receipts);
    }

    @Test
    void anInterruptEndsTheWaiting() throws Exception {
        Backlog backlog = backlog(threads, 8);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        backlog.add(() -> {
            begun.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return 0;
        });
        begun.await();
        Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, backlog::finish);
        assertTrue(Thread.interrupted());
        release.countDown();
        backlog.abandon();
    }

    private Backlog backlog(Executor executor, int limit) {
        return new Backlog(executor, limit, receipts::add);
    }

    private Backlog.Step step(long number) {
        return () -> {
            done.add(number);
            return number;
        };
    }

    private static IOException thrown(Throwable failure) {
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        return (IOException) failure;
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
