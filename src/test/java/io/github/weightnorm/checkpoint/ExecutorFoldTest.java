package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folds whose output is written on threads of an executor: the same bytes, the same failures, and nothing goes on afterwards. */
class ExecutorFoldTest extends OneFold {
    private static final FoldProgress SILENT = (written, total) -> { };

    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final CheckpointFolder onThreads = folder.executor(threads);

    @BeforeEach
    void writeCheckpoint() throws IOException {
        checkpoint().write(in);
    }

    /** Many small tensors, so that the writing is behind: pairs, and others between them. */
    private static CheckpointBuilder checkpoint() {
        CheckpointBuilder checkpoint = new CheckpointBuilder();
        for (int layer = 1; layer <= 50; layer++) {
            float[] directions = new float[64];
            for (int i = 0; i < directions.length; i++) {
                directions[i] = layer - i;
            }
            checkpoint.floats(layer + ".w_v", List.of(8L, 8L), directions).floats(layer + ".bias", List.of(2L), layer, 1)
                    .floats(layer + ".w_g", List.of(8L, 1L), 1, 2, 3, 4, 5, 6, 7, layer);
        }
        return checkpoint;
    }

    @AfterEach
    void endThreads() {
        Thread.interrupted();
        threads.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"two threads", "one thread", "the calling thread", "a queue that nobody works on"})
    void theFileIsTheSame(String which) throws IOException {
        ExecutorService one = Executors.newSingleThreadExecutor();
        Executor executor = Map.<String, Executor>of("two threads", threads, "one thread", one, "the calling thread", Runnable::run,
                "a queue that nobody works on", task -> { }).get(which);
        Path expected = directory.resolve("expected");
        folder.fold(in, expected);
        folder.executor(executor).chunkElements(16).fold(in, out);
        assertArrayEquals(Files.readAllBytes(expected), Files.readAllBytes(out));
        one.shutdown();
        assertNoTraces("expected", "out.safetensors");
    }

    @Test
    void aFoldMayRunOnTheExecutorsOnlyThread() throws Exception {
        ExecutorService one = Executors.newSingleThreadExecutor();
        FoldReport report = one.submit(() -> folder.executor(one).fold(in, out)).get(60, TimeUnit.SECONDS);
        assertEquals(50, report.weights().size());
        one.shutdown();
        assertTrue(one.awaitTermination(60, TimeUnit.SECONDS));
    }

    @Test
    void progressIsToldOnTheCallingThread() throws IOException {
        Set<Thread> tellers = new HashSet<>();
        long[] last = {0};
        FoldReport report = onThreads.progress((written, total) -> {
            tellers.add(Thread.currentThread());
            assertTrue(written > last[0]);
            last[0] = written;
        }).fold(in, out);
        assertEquals(Set.of(Thread.currentThread()), tellers);
        assertEquals(report.bytes(), last[0]);
    }

    @Test
    void anInterruptLeavesNothing() throws IOException {
        FoldProgress interruption = (written, total) -> Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, () -> onThreads.progress(interruption).fold(in, out));
        assertTrue(Thread.interrupted());
        assertNoTraces();
    }

    @Test
    void aFailureOfTheFoldLeavesNothing() throws IOException {
        checkpoint().floats("z_v", List.of(1L), Float.NaN).floats("z_g", List.of(1L), 1).write(in);
        assertThrows(CheckpointException.class, () -> onThreads.fold(in, out));
        assertNoTraces();
    }

    @Test
    void aRefusalLeavesNothing() throws IOException {
        threads.shutdown();
        assertThrows(RejectedExecutionException.class, () -> onThreads.fold(in, out));
        assertNoTraces();
    }

    @Test
    void anInputThatIsTruncatedBeforeItsLastTensorIsCopiedIsRefused() throws IOException {
        long size = Files.size(in);
        FoldProgress truncation = (written, total) -> {
            try (FileChannel channel = FileChannel.open(in, StandardOpenOption.WRITE)) {
                channel.truncate(size - 4);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        String message = assertThrows(CheckpointException.class, () -> onThreads.progress(truncation).fold(in, out)).getMessage();
        assertEquals(in + ": changed while it was read: it had " + size + " bytes, and now has " + (size - 4), message);
        assertNoTraces();
    }

    @Test
    void aFullDiskIsNamed() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        try (FileChannel channel = FileChannel.open(full, StandardOpenOption.WRITE);
                OutputFile output = new OutputFile(out, directory.resolve("absent"), channel, false, 8, SILENT, threads)) {
            output.write(ByteBuffer.allocate(8));
            FileSystemException failure = assertThrows(FileSystemException.class, output::finishWriting);
            assertEquals(out.toString(), failure.getFile());
            assertEquals("No space left on device", failure.getReason());
        }
    }

    /** A system tells a file of a write that failed once. Who is told on another thread must pass it on. */
    @Test
    void dataThatTheDiskLostMeanwhileIsNotForgotten() throws IOException {
        Path temporary = directory.resolve("temporary");
        long total = OutputFile.FORCE_BYTES + SafetensorsFile.BUFFER_BYTES;
        try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputFile output = new OutputFile(out, temporary, new BrokenChannel(file, 0), false, total, SILENT, threads)) {
            for (long written = 0; written < total; written += SafetensorsFile.BUFFER_BYTES) {
                output.write(output.buffer());
            }
            output.finishWriting();
            FileSystemException failure = assertThrows(FileSystemException.class, output::commit);
            assertEquals(out.toString(), failure.getFile());
            assertEquals("Input/output error", failure.getReason());
        }
        assertNoTraces();
    }
}
