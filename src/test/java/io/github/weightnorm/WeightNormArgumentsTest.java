package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Bad arguments: each is refused with its name, its value and what was expected, before anything is written. */
class WeightNormArgumentsTest {

    private static final WeightNorm LAYER = WeightNorm.linear(2, 3);

    private static void refuses(Class<? extends RuntimeException> type, String message, Executable call) {
        assertEquals(message, assertThrows(type, call).getMessage());
    }

    private static void refuses(String message, Executable call) {
        refuses(IllegalArgumentException.class, message, call);
    }

    @Test
    void sizesAreNamedAsTheFactoryNamesThem() {
        refuses("outFeatures: 0 (expected: > 0)", () -> WeightNorm.linear(0, 3));
        refuses("inFeatures: -1 (expected: > 0)", () -> WeightNorm.linear(3, -1));
        refuses("outChannels: 0 (expected: > 0)", () -> WeightNorm.conv1d(0, 1, 1));
        refuses("inChannelsPerGroup: 0 (expected: > 0)", () -> WeightNorm.conv1d(1, 0, 1));
        refuses("kernelSize: -7 (expected: > 0)", () -> WeightNorm.conv1d(1, 1, -7));
        refuses("inChannels: 0 (expected: > 0)", () -> WeightNorm.convTranspose1d(0, 1, 1));
        refuses("outChannelsPerGroup: 0 (expected: > 0)", () -> WeightNorm.convTranspose1d(1, 0, 1));
        refuses("kernelSize: 0 (expected: > 0)", () -> WeightNorm.convTranspose1d(1, 1, 0));
        refuses("shape[1]: 0 (expected: > 0)", () -> WeightNorm.of(new int[] {2, 0, 3}, 0));
        refuses("shape[0]: -2 (expected: > 0)", () -> WeightNorm.whole(-2));
    }

    @Test
    void productsStayBelowTwoToThe31() {
        refuses("shape: [65536, 32768] (expected: at most 2147483647 elements)", () -> WeightNorm.linear(65536, 32768));
        refuses("shape: [2147483647, 2147483647, 2147483647] (expected: at most 2147483647 elements)",
                () -> WeightNorm.conv1d(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE));
        assertEquals(Integer.MAX_VALUE, WeightNorm.linear(1, Integer.MAX_VALUE).size());
    }

    @Test
    void axesAreTheShapesOwn() {
        refuses("keptAxis: 2 (expected: -2 to 1)", () -> WeightNorm.of(new int[] {2, 3}, 2));
        refuses("keptAxis: -3 (expected: -2 to 1)", () -> WeightNorm.of(new int[] {2, 3}, -3));
        refuses("keptAxis: 0 (expected: a shape with an axis to keep)", () -> WeightNorm.of(new int[0], 0));
    }

    @Test
    void gainsFitOneAxis() {
        refuses("gainShape: [3, 1] for directionShape [4, 3] (expected: one axis of the direction's, with 1 everywhere else, or as many "
                + "gains as shape[0])", () -> WeightNorm.infer(new int[] {4, 3}, new int[] {3, 1}));
        refuses("gainShape: [4, 3] for directionShape [4, 3] (expected: one kept axis, and 1 everywhere else)",
                () -> WeightNorm.infer(new int[] {4, 3}, new int[] {4, 3}));
        assertThrows(IllegalArgumentException.class, () -> WeightNorm.infer(new int[] {4, 3}, new int[] {3}));
        assertThrows(IllegalArgumentException.class, () -> WeightNorm.infer(new int[] {4, 3}, new int[] {4, 1, 1}));
        assertThrows(IllegalArgumentException.class, () -> WeightNorm.infer(new int[0], new int[] {2}));
        refuses("gainShape[0]: 0 (expected: > 0)", () -> WeightNorm.infer(new int[] {4, 3}, new int[] {0, 1}));
        refuses("directionShape[0]: 0 (expected: > 0)", () -> WeightNorm.infer(new int[] {0, 3}, new int[] {1, 1}));
    }

    @Test
    void epsilonsAreFiniteAndNotNegative() {
        refuses("epsilon: -1.0E-12 (expected: finite and >= 0)", () -> LAYER.epsilon(-1e-12));
        refuses("epsilon: NaN (expected: finite and >= 0)", () -> LAYER.epsilon(Double.NaN));
        refuses("epsilon: Infinity (expected: finite and >= 0)", () -> LAYER.epsilon(Double.POSITIVE_INFINITY));
    }

    @Test
    void rangesAreWithinTheLayersOwn() {
        Class<IndexOutOfBoundsException> bounds = IndexOutOfBoundsException.class;
        refuses(bounds, "fromChannel, toChannel: 0, 3 (expected: a range within 0, 2)", () -> LAYER.range(0, 3));
        refuses(bounds, "fromChannel, toChannel: -1, 2 (expected: a range within 0, 2)", () -> LAYER.range(-1, 2));
        refuses(bounds, "fromChannel, toChannel: 2, 1 (expected: a range within 0, 2)", () -> LAYER.range(2, 1));
        refuses(bounds, "fromChannel, toChannel: 0, 2 (expected: a range within 1, 2)", () -> LAYER.range(1, 2).range(0, 2));
        float[] untouched = {7, 7};
        LAYER.range(1, 1).norms(new float[6], untouched);
        assertArrayEquals(new float[] {7, 7}, untouched);
    }

    @Test
    void lengthsAreTheLayersOwn() {
        float[] six = new float[6];
        float[] two = new float[2];
        refuses("v.length: 5 (expected: 6)", () -> LAYER.norms(new float[5], two));
        refuses("norms.length: 3 (expected: 2)", () -> LAYER.norms(six, new float[3]));
        refuses("g.length: 1 (expected: 2)", () -> LAYER.scales(six, new float[1], two));
        refuses("scales.length: 6 (expected: 2)", () -> LAYER.scales(six, two, new float[6]));
        refuses("directions.length: 7 (expected: 6)", () -> LAYER.directions(six, new float[7]));
        refuses("v.length: 0 (expected: 6)", () -> LAYER.reconstruct(new float[0], two, six));
        refuses("g.length: 6 (expected: 2)", () -> LAYER.reconstruct(six, six, six));
        refuses("w.length: 2 (expected: 6)", () -> LAYER.reconstruct(six, two, two));
        refuses("w.length: 7 (expected: 6)", () -> LAYER.decompose(new float[7], two, six));
        refuses("g.length: 6 (expected: 2)", () -> LAYER.decompose(six, six, six));
        refuses("v.length: 2 (expected: 6)", () -> LAYER.decompose(six, new float[2], two));
    }

    @Test
    void missingArraysAreNamed() {
        Class<NullPointerException> missing = NullPointerException.class;
        float[] six = new float[6];
        float[] two = new float[2];
        refuses(missing, "v", () -> LAYER.norms(null, two));
        refuses(missing, "norms", () -> LAYER.norms(six, null));
        refuses(missing, "g", () -> LAYER.scales(six, 0, null, 0, two, 0));
        refuses(missing, "w", () -> LAYER.reconstruct(six, two, null));
        refuses(missing, "directions", () -> LAYER.directions(six, 0, null, 0));
        refuses(missing, "shape", () -> WeightNorm.of(null, 0));
        refuses(missing, "gainShape", () -> WeightNorm.infer(new int[] {1}, null));
    }

    @Test
    void offsetsLeaveRoomForTheLayer() {
        Class<IndexOutOfBoundsException> bounds = IndexOutOfBoundsException.class;
        float[] eight = new float[8];
        float[] four = new float[4];
        refuses(bounds, "vOffset: 3 (expected: 0 to 2, for 6 elements of v, whose length is 8)",
                () -> LAYER.norms(eight, 3, four, 0));
        refuses(bounds, "vOffset: -1 (expected: 0 to 2, for 6 elements of v, whose length is 8)",
                () -> LAYER.norms(eight, -1, four, 0));
        refuses(bounds, "normsOffset: 2147483647 (expected: 0 to 2, for 2 elements of norms, whose length is 4)",
                () -> LAYER.norms(eight, 2, four, Integer.MAX_VALUE));
        refuses(bounds, "gOffset: 3 (expected: 0 to 2, for 2 elements of g, whose length is 4)",
                () -> LAYER.reconstruct(eight, 0, four, 3, new float[6], 0));
        refuses(bounds, "wOffset: 0 (expected: a longer array, for 6 elements of w, whose length is 4)",
                () -> LAYER.reconstruct(eight, 0, four, 2, four, 0));
        refuses(bounds, "scalesOffset: 4 (expected: 0 to 2, for 2 elements of scales, whose length is 4)",
                () -> LAYER.scales(eight, 0, four, 0, four, 4));
        refuses(bounds, "directionsOffset: 3 (expected: 0 to 2, for 6 elements of directions, whose length is 8)",
                () -> LAYER.directions(eight, 0, eight, 3));
    }

    @Test
    void partialOverlapIsRefused() {
        float[] array = new float[20];
        String ownInput = " (expected: v's offset in the same array, 0, or no element in common)";
        refuses("wOffset: 1" + ownInput, () -> LAYER.reconstruct(array, 0, new float[2], 0, array, 1));
        refuses("wOffset: 5" + ownInput, () -> LAYER.reconstruct(array, 0, new float[2], 0, array, 5));
        refuses("directionsOffset: 5" + ownInput, () -> LAYER.directions(array, 0, array, 5));
        refuses("wOffset: 6 (expected: no element in common with g, whose offset in the same array is 11)",
                () -> LAYER.reconstruct(array, 0, array, 11, array, 6));
        refuses("normsOffset: 5 (expected: no element in common with v, whose offset in the same array is 0)",
                () -> LAYER.norms(array, 0, array, 5));
        refuses("scalesOffset: 7 (expected: g's offset in the same array, 6, or no element in common)",
                () -> LAYER.scales(array, 0, array, 6, array, 7));
        refuses("scalesOffset: 5 (expected: no element in common with v, whose offset in the same array is 0)",
                () -> LAYER.scales(array, 0, array, 6, array, 5));
        refuses("gOffset: 5 (expected: no element in common with w, whose offset in the same array is 0)",
                () -> LAYER.decompose(array, 0, array, 5, array, 10));
        refuses("gOffset: 10 (expected: no element in common with v, whose offset in the same array is 11)",
                () -> LAYER.decompose(array, 0, array, 10, array, 11));
        refuses("vOffset: 3 (expected: w's offset in the same array, 0, or no element in common)",
                () -> LAYER.decompose(array, 0, new float[2], 0, array, 3));
    }

    @Test
    void neighboursInOneArrayAreFine() {
        float[] array = {3, 4, 0, 0, 0, 5, 2, 3, 0, 0, 0, 0, 0, 0};
        LAYER.reconstruct(array, 0, array, 6, array, 8);
        assertArrayEquals(new float[] {3, 4, 0, 0, 0, 5, 2, 3, 1.2f, 1.6f, 0, 0, 0, 3}, array, 2e-7f);
    }

    @Test
    void nothingIsWrittenWhenRefused() {
        float[] w = {9, 9, 9, 9, 9, 9};
        assertThrows(IllegalArgumentException.class, () -> LAYER.reconstruct(new float[6], new float[3], w));
        assertArrayEquals(new float[] {9, 9, 9, 9, 9, 9}, w);
    }
}
