package io.github.weightnorm.properties;

import java.util.SplittableRandom;

/** How a case's numbers are distributed: everyday weights, and everything that a float can hold. */
public enum Numbers {
    /** Uniform in (−1, 1). */
    UNIFORM {
        @Override
        float next(SplittableRandom random, int index) {
            return (float) random.nextDouble(-1, 1);
        }
    },
    /** The normal distribution of a fresh layer. */
    NORMAL {
        @Override
        float next(SplittableRandom random, int index) {
            return (float) (0.02 * random.nextGaussian());
        }
    },
    /** Neighbours that all but cancel: a sum of elements in place of squares would show. */
    ALTERNATING {
        @Override
        float next(SplittableRandom random, int index) {
            float magnitude = 1 + random.nextInt(8) * 0x1p-23f;
            return (index & 1) == 0 ? magnitude : -magnitude;
        }
    },
    /** Every finite bit pattern alike: magnitudes from 1e-45 to 3e38, and the exponent spread evenly between. */
    LOG_UNIFORM {
        @Override
        float next(SplittableRandom random, int index) {
            return finite(random.nextInt());
        }
    },
    /** One scale for all, anywhere in the range. */
    SCALED {
        @Override
        float[] array(int length, SplittableRandom random) {
            int exponent = random.nextInt(-140, 127);
            float[] array = new float[length];
            for (int i = 0; i < length; i++) {
                array[i] = (float) Math.scalb(random.nextDouble(-2, 2), exponent);
            }
            return array;
        }

        @Override
        float next(SplittableRandom random, int index) {
            throw new IllegalStateException("a whole array at a time");
        }
    },
    /** 1e-38 and 1e38 side by side. */
    MIXED {
        @Override
        float next(SplittableRandom random, int index) {
            return (float) random.nextDouble(-1, 1) * (random.nextBoolean() ? 1e-38f : 1e38f);
        }
    },
    /** Nothing but subnormal numbers. */
    SUBNORMAL {
        @Override
        float next(SplittableRandom random, int index) {
            return Float.intBitsToFloat(random.nextInt() & 0x807fffff);
        }
    },
    /** One huge element in a hundred, the rest around 1. */
    SPIKES {
        @Override
        float next(SplittableRandom random, int index) {
            return (float) random.nextDouble(-1, 1) * (random.nextInt(100) == 0 ? 1e30f : 1);
        }
    };

    /** The distributions of weights as networks have them. */
    static final Numbers[] EVERYDAY = {UNIFORM, NORMAL, ALTERNATING};
    /** The distributions that reach for the ends of the range. */
    static final Numbers[] EXTREME = {LOG_UNIFORM, SCALED, MIXED, SUBNORMAL, SPIKES};

    abstract float next(SplittableRandom random, int index);

    /**
     * Such numbers.
     *
     * @param length how many
     * @param random where they come from
     * @return a new array
     */
    float[] array(int length, SplittableRandom random) {
        float[] array = new float[length];
        for (int i = 0; i < length; i++) {
            array[i] = next(random, i);
        }
        return array;
    }

    /**
     * Such numbers.
     *
     * @param length how many
     * @param seed the same seed, the same numbers
     * @return a new array
     */
    public float[] array(int length, long seed) {
        return array(length, new SplittableRandom(seed));
    }

    private static float finite(int bits) {
        return Float.intBitsToFloat((bits & 0x7f800000) == 0x7f800000 ? bits ^ 0x40000000 : bits);
    }
}
