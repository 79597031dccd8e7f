/**
 * {@code w = g·v/‖v‖} per output channel: {@link io.github.weightnorm.WeightNorm} describes one layer's layout and holds its kernels,
 * {@link io.github.weightnorm.ParallelFold} runs them for a whole model on threads of the caller's.
 *
 * <pre>{@code WeightNorm.conv1d(512, 80, 7).reconstruct(v, g, w);   // HiFi-GAN's conv_pre
 * }</pre>
 *
 * <p>The overview of this documentation has a table from the layers of PyTorch, Flax, Keras and MLX to the factories, and the numerics
 * in full: order of summation, accuracy, special values.
 */
package io.github.weightnorm;
