package io.github.weightnorm.checkpoint.cli;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine.ExecutionException;

/** Says in plain words why a command failed. */
final class Failures {
    private Failures() {}

    static String explain(Throwable failure) {
        // Picocli hands over an Error as the cause of an exception of its own.
        if (failure instanceof ExecutionException && failure.getCause() != null) {
            return explain(failure.getCause());
        }
        if (failure instanceof FileSystemException file) {
            return file.getFile() + ": " + reason(file);
        }
        if (failure instanceof ClosedByInterruptException) {
            return "interrupted, so nothing was written";
        }
        // An IllegalStateException is the kernels' refusal of the back end that was asked for.
        if (failure instanceof IOException || failure instanceof IllegalStateException) {
            return failure.getMessage();
        }
        if (failure instanceof OutOfMemoryError) {
            return "not enough memory: run java with a larger -Xmx";
        }
        return "unexpected failure, please report it: " + failure;
    }

    private static String reason(FileSystemException failure) {
        if (failure instanceof FileAlreadyExistsException) {
            return "exists already (--overwrite replaces it)";
        }
        if (failure.getReason() != null) {
            return failure.getReason();
        }
        if (failure instanceof NoSuchFileException) {
            return "no such file";
        }
        return failure instanceof AccessDeniedException ? "permission denied" : failure.getClass().getSimpleName();
    }
}
