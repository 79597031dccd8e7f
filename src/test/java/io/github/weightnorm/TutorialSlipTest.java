package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A tutorial's slip. It takes the magnitude of row i from {@code weight[i:,].norm()}, which is the norm of all rows from i on, and
 * wonders why its "directions" are not of unit length. The row is {@code weight[i, :]}.
 */
class TutorialSlipTest {

    /** {@code Linear(3, 4)}, as the tutorial prints it. */
    private static final float[] WEIGHT = {
        -0.2701f, -0.0754f, 0.3812f,
        -0.1806f, 0.1814f, 0.4922f,
        -0.2900f, -0.5321f, -0.4400f,
        -0.5492f, 0.0195f, -0.5189f,
    };
    private static final WeightNorm LINEAR = WeightNorm.linear(4, 3);

    @Test
    void theSliceGivesTheTutorialsMagnitudes() {
        double[] magnitudes = {1.2899, 1.2000, 1.0640, 0.7558};
        double[] squaredLengths = {0.1346, 0.2138, 0.4954, 1.0000};
        for (int i = 0; i < 4; i++) {
            // weight[i:,] is rows i, i + 1, …: one norm over all of them.
            float[] slice = Arrays.copyOfRange(WEIGHT, i * 3, WEIGHT.length);
            float[] norm = new float[1];
            WeightNorm.whole(4 - i, 3).norms(slice, norm);
            // The weights are rounded to four decimals, and so are the magnitudes.
            assertEquals(magnitudes[i], norm[0], 1e-4);

            double squares = 0;
            for (int j = 0; j < 3; j++) {
                double element = WEIGHT[i * 3 + j] / norm[0];
                squares += element * element;
            }
            assertEquals(squaredLengths[i], squares, 1e-4);
        }
    }

    @Test
    void theRowsOwnNormsMakeUnitLength() {
        float[] directions = new float[WEIGHT.length];
        LINEAR.directions(WEIGHT, directions);
        assertUnitRows(directions, 4, 3);
    }

    @Test
    void onlyTheLastRowsSliceIsARow() {
        float[] norms = new float[4];
        LINEAR.norms(WEIGHT, norms);
        double[] rows = {Math.sqrt(0.2701 * 0.2701 + 0.0754 * 0.0754 + 0.3812 * 0.3812),
            Math.sqrt(0.1806 * 0.1806 + 0.1814 * 0.1814 + 0.4922 * 0.4922),
            Math.sqrt(0.2900 * 0.2900 + 0.5321 * 0.5321 + 0.4400 * 0.4400),
            Math.sqrt(0.5492 * 0.5492 + 0.0195 * 0.0195 + 0.5189 * 0.5189)};
        for (int i = 0; i < 4; i++) {
            assertEquals(rows[i], norms[i], 1e-7);
        }
        assertEquals(0.7558, norms[3], 5e-5);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7})
    void soItIsWithAConvolution(int kernelSize) {
        int inChannels = 5;
        float[] weight = new float[4 * inChannels * kernelSize];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = WEIGHT[i % WEIGHT.length] + i * 0.01f;
        }
        WeightNorm conv = WeightNorm.conv1d(4, inChannels, kernelSize);
        float[] directions = new float[weight.length];
        conv.directions(weight, directions);
        assertUnitRows(directions, 4, inChannels * kernelSize);
    }

    private static void assertUnitRows(float[] directions, int rows, int length) {
        for (int row = 0; row < rows; row++) {
            double squares = 0;
            for (int i = 0; i < length; i++) {
                double element = directions[row * length + i];
                squares += element * element;
            }
            // Each element is within 1.5 ulp, which is at most 1.8e-7 of it.
            assertEquals(1, squares, 4e-7, "row " + row);
        }
    }
}
