package io.github.weightnorm;

import java.util.ArrayList;
import java.util.List;

/**
 * Layers and numbers that every JVM makes alike: integer arithmetic and bit patterns only. For comparisons of one back end, JVM or CPU
 * with another.
 */
final class Samples {

    private Samples() {}

    /** Layouts of every kind, with lengths around each boundary of the kernels: rows, columns, runs in between, whole tensors. */
    static List<WeightNorm> layers() {
        List<WeightNorm> layers = new ArrayList<>();
        int[] lengths = {1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 23, 24, 31, 32, 33, 39, 40, 63, 64, 65, 96, 100, 127, 300};
        for (int length : lengths) {
            layers.add(WeightNorm.linear(11, length));
            layers.add(WeightNorm.of(new int[] {6, length}, 1));
            layers.add(WeightNorm.of(new int[] {3, 9, length}, 1));
            layers.add(WeightNorm.whole(length));
        }
        layers.add(WeightNorm.of(new int[] {700, 129}, 1));
        layers.add(WeightNorm.of(new int[] {40, 5, 131}, 2));
        layers.add(WeightNorm.linear(2, 5003));
        layers.add(WeightNorm.whole(13, 7, 11));
        layers.add(WeightNorm.linear(9, 40).epsilon(0.125));
        layers.add(WeightNorm.of(new int[] {5, 70}, 1).epsilon(1e-12));
        return layers;
    }

    /** Layers with so many channels that a back end can take several at once, with some left over, also of a part of them. */
    static List<WeightNorm> manyChannels() {
        List<WeightNorm> layers = new ArrayList<>();
        for (int length = 1; length <= 17; length++) {
            layers.add(WeightNorm.linear(61, length));
            layers.add(WeightNorm.of(new int[] {4 + length % 4, 75, length}, 1));
        }
        layers.add(WeightNorm.linear(1100, 7));
        layers.add(WeightNorm.of(new int[] {11, 64}, 1).epsilon(1e-9));
        layers.add(WeightNorm.of(new int[] {11, 1100}, 1));
        for (int length = 24; length <= 136; length += 8) {
            layers.add(WeightNorm.linear(19, length));
        }
        return layers;
    }

    /** {@link #layers} and every length of rows, columns and runs up to 72: twice the block and a group; and {@link #manyChannels}. */
    static List<WeightNorm> allLengths() {
        List<WeightNorm> layers = new ArrayList<>(layers());
        for (int length = 1; length <= 72; length++) {
            layers.add(WeightNorm.of(new int[] {5, length}, 0));
            layers.add(WeightNorm.of(new int[] {4, length}, 1));
            layers.add(WeightNorm.of(new int[] {length, 5}, 1));
            layers.add(WeightNorm.of(new int[] {2, 3, length}, 1));
        }
        layers.addAll(manyChannels());
        return layers;
    }

    /** Numbers with random signs and mantissas whose exponents are spread by so many powers of two around 1. */
    static float[] floats(int count, long seed, int spread) {
        float[] floats = new float[count];
        long state = seed * 0x9e3779b97f4a7c15L + 1;
        for (int i = 0; i < count; i++) {
            // Marsaglia's xorshift.
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            int exponent = 127 + Math.floorMod((int) (state >>> 40), 2 * spread + 1) - spread;
            int bits = (int) state & 0x807fffff | Math.max(0, Math.min(254, exponent)) << 23;
            floats[i] = Float.intBitsToFloat(bits);
        }
        return floats;
    }

    /** Numbers as {@link #floats}, with zeros, subnormals, infinities and NaNs among them. */
    static float[] specials(int count, long seed) {
        float[] specials = {0, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, 1e-40f, Float.MIN_NORMAL, Float.MAX_VALUE, -Float.MAX_VALUE,
            Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, Float.intBitsToFloat(0xffc00001)};
        float[] floats = floats(count, seed, 127);
        for (int i = 0; i < count; i++) {
            int choice = Math.floorMod(Float.floatToRawIntBits(floats[i]) >> 3, 97);
            if (choice < specials.length) {
                floats[i] = specials[choice];
            }
        }
        return floats;
    }
}
