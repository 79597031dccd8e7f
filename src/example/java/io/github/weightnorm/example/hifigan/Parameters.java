package io.github.weightnorm.example.hifigan;

import io.github.weightnorm.checkpoint.FoldedCheckpoint;
import java.io.IOException;
import java.util.Arrays;

/**
 * A convolution's weight and bias.
 *
 * @param name the layer's name in the checkpoint
 * @param shape the weight's: outputs, inputs and kernel size, and for a transposed convolution inputs, outputs and kernel size
 * @param weight in row-major order
 * @param bias one for each output
 */
record Parameters(String name, int[] shape, float[] weight, float[] bias) {

    // <vocoder-example>
    /** A layer of a checkpoint, folded or not: the weight is {@code g·v/‖v‖} where the file has g and v. */
    static Parameters read(FoldedCheckpoint checkpoint, String layer) throws IOException {
        int[] shape = checkpoint.shape(layer + ".weight");
        float[] weight = checkpoint.floats(layer + ".weight");
        float[] bias = checkpoint.floats(layer + ".bias");
        return new Parameters(layer, shape, weight, bias);
    }
    // </vocoder-example>

    Parameters {
        if (shape.length != 3) {
            throw new IllegalArgumentException(name + ".weight: " + Arrays.toString(shape) + " (expected: three dimensions)");
        }
    }

    /** Refuses a layer whose shape is not what its neighbours ask for. */
    void expect(int axis, int size, String what) {
        if (shape[axis] != size) {
            throw new IllegalArgumentException(name + ".weight: " + Arrays.toString(shape) + " (expected: " + size + " " + what + ")");
        }
    }

    /** Refuses a bias that has not one element for each output. */
    void expectBiases(int count) {
        if (bias.length != count) {
            throw new IllegalArgumentException(name + ".bias: " + bias.length + " elements (expected: " + count + ")");
        }
    }
}
