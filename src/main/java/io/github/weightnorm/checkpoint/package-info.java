/**
 * Folds weight-normalized checkpoints in the safetensors format: {@code g·v/‖v‖} becomes a plain weight.
 *
 * <p>{@link io.github.weightnorm.checkpoint.CheckpointFolder} folds a file into another one,
 * {@link io.github.weightnorm.checkpoint.FoldedCheckpoint} hands the folded weights to an engine without writing a file, and
 * {@link io.github.weightnorm.checkpoint.SafetensorsFile} reads tensors as they are. All need jackson-core, which the library
 * declares as optional: add it to the class path of a program that uses this package, or to its module path, and resolve it there with
 * {@code requires com.fasterxml.jackson.core} or {@code --add-modules com.fasterxml.jackson.core}. Without it an
 * {@link java.lang.IllegalStateException} says so.
 *
 * <p>A checkpoint is taken for what it is, a file from a stranger. What the format does not allow is refused with a
 * {@link io.github.weightnorm.checkpoint.CheckpointException}; memory stays bounded whatever the file claims.
 */
package io.github.weightnorm.checkpoint;
