package io.github.weightnorm.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Says that a checkpoint is malformed or cannot be folded.
 *
 * <p>The message is one line: the file, the tensor, what was found and what was expected. Text that comes from the file is
 * escaped and shortened in it, so it is safe to log or to print on a terminal.
 */
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1L;

    CheckpointException(Path file, String problem) {
        super(Printable.of(file.toString(), Printable.PATH_LENGTH) + ": " + problem);
    }
}
