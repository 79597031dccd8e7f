/**
 * An example: HiFi-GAN's generator in plain Java, which reads a weight-normalized checkpoint straight from its g and v.
 *
 * <p>A small engine and no product: one thread, no kernels of its own, from a mel spectrogram to a WAV file. A signal is a
 * {@code float[channels][time]}. Convolutions add scaled rows, {@code y[t] += w·x[t]}, with one index for both arrays: that is the form
 * which C2 turns into vector code.
 */
package io.github.weightnorm.example.hifigan;
