package io.github.weightnorm.checkpoint;

/** Is told how far a fold has come. */
@FunctionalInterface
public interface FoldProgress {
    /**
     * Takes note of the bytes written so far. It runs on the thread that folds, after every block of at most some megabytes.
     *
     * @param writtenBytes how many bytes of the output are written
     * @param totalBytes how many there will be
     */
    void written(long writtenBytes, long totalBytes);
}
