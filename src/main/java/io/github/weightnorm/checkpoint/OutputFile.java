package io.github.weightnorm.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that appears whole or not at all: it is written under a temporary name in the same directory, and renamed when complete.
 *
 * <p>With an executor, its threads write, and force what is written to the disk meanwhile, so that little is left to force in the end.
 *
 * <p>Every failure names the file that was asked for, not the temporary one.
 */
final class OutputFile implements Closeable {
    /** The largest piece that is copied between two calls of the progress listener. */
    private static final long COPY_BYTES = 8 << 20;
    /** How far the writing may be behind, in buffers of half a MiB: enough for the folding thread to go on while the disk is busy. */
    private static final int PENDING_WRITES = 32;
    /** What is forced at once. A disk is busy with that much for longer than it takes to say so. */
    static final long FORCE_BYTES = 64 << 20;

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final boolean overwrite;
    private final long totalBytes;
    private final FoldProgress progress;
    private final ByteBuffer[] buffers;
    private final Backlog writes;
    private final Backlog forces;
    private final boolean forcesEarly;
    private int nextBuffer;
    private long writtenBytes;
    private long forcedBytes;

    /** @param executor null to do everything on the calling thread */
    OutputFile(Path target, Path temporary, FileChannel channel, boolean overwrite, long totalBytes, FoldProgress progress,
            Executor executor) {
        this.target = target;
        this.temporary = temporary;
        this.channel = channel;
        this.overwrite = overwrite;
        this.totalBytes = totalBytes;
        this.progress = progress;
        this.buffers = new ByteBuffer[executor == null ? 1 : PENDING_WRITES];
        this.writes = new Backlog(executor, PENDING_WRITES, this::written);
        this.forces = new Backlog(executor, 1, bytes -> { });
        this.forcesEarly = executor != null;
    }

    /** Refuses a target that must not be replaced. */
    static void check(Path input, Path target, boolean overwrite) throws IOException {
        if (Files.exists(target) && Files.isSameFile(input, target)) {
            throw new FileSystemException(target.toString(), null, "is the input itself, which is never replaced");
        }
        // A move onto a device, a pipe or a link, /dev/stdout for one, would put a file in its place.
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(target.toString(), null,
                    Files.isSymbolicLink(target) ? "is a symbolic link, which is never replaced"
                    : Files.isDirectory(target) ? "is a directory" : "is not a regular file");
        }
        checkAbsent(target, overwrite);
    }

    private static void checkAbsent(Path target, boolean overwrite) throws FileAlreadyExistsException {
        if (!overwrite && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(target.toString(), null, "exists already");
        }
    }

    static OutputFile create(Path target, boolean overwrite, long totalBytes, FoldProgress progress, Executor executor)
            throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw new NoSuchFileException(target.toString(), null, "its directory does not exist");
        }
        // Files.createTempFile would make the file private to its owner. The target's own name may leave no room for more.
        Path temporary = directory.resolve(
                ".weightnorm-" + Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE) + ".tmp");
        FileChannel channel;
        try {
            channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw named(target, e);
        }
        return new OutputFile(target, temporary, channel, overwrite, totalBytes, progress, executor);
    }

    /** A little-endian buffer to fill and to {@link #write}, which is the caller's until then. */
    ByteBuffer buffer() throws IOException {
        // Writes take the buffers in turn, so where one more may be pending, the last one from this buffer is done.
        writes.awaitRoom();
        if (buffers[nextBuffer] == null) {
            buffers[nextBuffer] = SafetensorsFile.buffer(SafetensorsFile.BUFFER_BYTES);
        }
        return buffers[nextBuffer].clear();
    }

    /** Appends what remains in a buffer, which is to be left alone then, for good if it is the caller's own. */
    void write(ByteBuffer bytes) throws IOException {
        nextBuffer = (nextBuffer + 1) % buffers.length;
        writes.add(() -> {
            long count = bytes.remaining();
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                throw named(target, e);
            }
            return count;
        });
    }

    /** Appends a tensor's bytes as they are. */
    void copy(SafetensorsFile source, TensorInfo tensor) throws IOException {
        for (long begin = tensor.begin(); begin < tensor.end(); begin += COPY_BYTES) {
            long position = begin;
            long count = Math.min(tensor.end() - begin, COPY_BYTES);
            writes.add(() -> copy(source, position, count));
        }
    }

    private long copy(SafetensorsFile source, long begin, long count) throws IOException {
        for (long done = 0; done < count; ) {
            try {
                done += source.transfer(begin + done, count - done, channel);
            } catch (CheckpointException | ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                // One call reads and writes, and does not say which of them failed: then the input must be readable.
                source.checkReadable(begin + done, count - done);
                throw named(target, e);
            }
        }
        return count;
    }

    private void written(long bytes) throws IOException {
        writtenBytes += bytes;
        if (forcesEarly && writtenBytes - forcedBytes >= FORCE_BYTES && forces.isIdle()) {
            forcedBytes = writtenBytes;
            forces.add(() -> force(false));
        }
        progress.written(writtenBytes, totalBytes);
    }

    private long force(boolean metaData) throws IOException {
        try {
            channel.force(metaData);
        } catch (IOException e) {
            throw named(target, e);
        }
        return 0;
    }

    /** Waits until all is written. */
    void finishWriting() throws IOException {
        writes.finish();
    }

    /** Gives the file its name once {@link #finishWriting all is written}. */
    void commit() throws IOException {
        if (writtenBytes != totalBytes) {
            throw new IllegalStateException(writtenBytes + " bytes written of " + totalBytes);
        }
        forces.finish(); // a system tells of a failure once only, and may have told it there
        force(true);
        try {
            channel.close();
            if (overwrite || !linked()) {
                checkAbsent(target, overwrite);
                Files.move(temporary, target, overwrite
                        ? new CopyOption[] {StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING}
                        : new CopyOption[] {StandardCopyOption.ATOMIC_MOVE});
            }
        } catch (IOException e) {
            throw named(target, e);
        }
    }

    /**
     * Tries to give the file its name as a second one. A move replaces what stands there; a link is refused then by the file system
     * itself, so that nothing which appeared meanwhile is lost. Closing removes the first name.
     *
     * @return false where the file system has no links
     */
    private boolean linked() throws FileAlreadyExistsException {
        try {
            Files.createLink(target, temporary);
            return true;
        } catch (FileAlreadyExistsException e) {
            throw new FileAlreadyExistsException(target.toString(), null, "exists already");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Closes the file, and removes its temporary name: with it the file, unless it was committed. Nobody writes any more then. */
    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(temporary);
        } finally {
            writes.abandon();
            forces.abandon();
        }
    }

    /** The same failure, told of the target: channels do not know their file's name, and files have the temporary one. */
    private static IOException named(Path target, IOException failure) {
        if (failure instanceof FileAlreadyExistsException || failure instanceof ClosedChannelException) {
            return failure;
        }
        String reason = failure instanceof AccessDeniedException ? "permission denied in its directory"
                : failure instanceof FileSystemException details && details.getReason() != null ? details.getReason()
                : failure.getMessage();
        IOException named = new FileSystemException(target.toString(), null, reason);
        named.initCause(failure);
        return named;
    }
}
