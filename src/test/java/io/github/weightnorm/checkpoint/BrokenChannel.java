package io.github.weightnorm.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * A file on a disk that loses its sectors from some position on: they cannot be read. They can be written, and whoever forces them is told
 * of it, but only once, as systems do.
 */
final class BrokenChannel extends FileChannel {
    private final FileChannel file;
    private final long goodBytes;
    private boolean told;

    BrokenChannel(FileChannel file, long goodBytes) {
        this.file = file;
        this.goodBytes = goodBytes;
    }

    private void check(long end) throws IOException {
        if (end > goodBytes) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        check(Math.min(position + target.remaining(), size()));
        return file.read(target, position);
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
        check(position + count);
        return file.transferTo(position, count, target);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return file.write(source);
    }

    @Override
    public synchronized void force(boolean metaData) throws IOException {
        if (!told) {
            told = true;
            check(size());
        }
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.close();
    }

    // What is left is not for reading a checkpoint, nor for writing one.

    @Override
    public int read(ByteBuffer target) {
        throw new AssertionError();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) {
        throw new AssertionError();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        throw new AssertionError();
    }

    @Override
    public int write(ByteBuffer source, long position) {
        throw new AssertionError();
    }

    @Override
    public long position() {
        throw new AssertionError();
    }

    @Override
    public FileChannel position(long newPosition) {
        throw new AssertionError();
    }

    @Override
    public FileChannel truncate(long size) {
        throw new AssertionError();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count) {
        throw new AssertionError();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw new AssertionError();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw new AssertionError();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw new AssertionError();
    }
}
