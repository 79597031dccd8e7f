package io.github.weightnorm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The normed weights of published models, by their shapes. */
enum Model {
    /** HiFi-GAN V1's generator: long rows, all multiples of 16. */
    HIFI_GAN_V1 {
        @Override
        List<WeightNorm> layers() {
            List<WeightNorm> layers = new ArrayList<>();
            conv(layers, 1, 512, 80, 7);
            conv(layers, 1, 512, 256, 16);
            conv(layers, 1, 256, 128, 16);
            conv(layers, 1, 128, 64, 4);
            conv(layers, 1, 64, 32, 4);
            for (int channels = 256; channels >= 32; channels /= 2) {
                for (int kernelSize : new int[] {3, 7, 11}) {
                    conv(layers, 6, channels, channels, kernelSize);
                }
            }
            conv(layers, 1, 1, 32, 7);
            return layers;
        }
    },
    /** The Descript Audio Codec, 44 kHz: a third of its rows has 8 elements. */
    DAC {
        @Override
        List<WeightNorm> layers() {
            List<WeightNorm> layers = new ArrayList<>();
            int[] strides = {2, 4, 8, 8};
            conv(layers, 1, 64, 1, 7);
            for (int stage = 0; stage < strides.length; stage++) {
                int channels = 64 << stage;
                conv(layers, 3, channels, channels, 7);
                conv(layers, 3, channels, channels, 1);
                conv(layers, 1, 2 * channels, channels, 2 * strides[stage]);
            }
            conv(layers, 1, 1024, 1024, 3);
            conv(layers, 9, 8, 1024, 1);
            conv(layers, 9, 1024, 8, 1);
            conv(layers, 1, 1536, 1024, 7);
            for (int stage = 0; stage < strides.length; stage++) {
                int channels = 768 >> stage;
                conv(layers, 1, 2 * channels, channels, 2 * strides[strides.length - 1 - stage]);
                conv(layers, 3, channels, channels, 7);
                conv(layers, 3, channels, channels, 1);
            }
            conv(layers, 1, 1, 96, 7);
            return layers;
        }
    },
    /** SNAC, 24 kHz: depthwise, so half of its rows have 7 elements. */
    SNAC {
        @Override
        List<WeightNorm> layers() {
            List<WeightNorm> layers = new ArrayList<>();
            int[] strides = {2, 4, 8, 8};
            conv(layers, 1, 48, 1, 7);
            for (int stage = 0; stage < strides.length; stage++) {
                int channels = 48 << stage;
                conv(layers, 3, channels, 1, 7);
                conv(layers, 3, channels, channels, 1);
                conv(layers, 1, 2 * channels, channels, 2 * strides[stage]);
            }
            conv(layers, 1, 768, 1, 7);
            conv(layers, 3, 8, 768, 1);
            conv(layers, 3, 768, 8, 1);
            conv(layers, 1, 768, 1, 7);
            conv(layers, 1, 1024, 768, 1);
            for (int stage = 0; stage < strides.length; stage++) {
                int channels = 512 >> stage;
                conv(layers, 1, 2 * channels, channels, 2 * strides[strides.length - 1 - stage]);
                conv(layers, 1, channels, channels, 1);
                conv(layers, 3, channels, 1, 7);
                conv(layers, 3, channels, channels, 1);
            }
            conv(layers, 1, 1, 64, 7);
            return layers;
        }
    },
    /** Kokoro-82M: a third of its rows is no multiple of 8. */
    KOKORO {
        @Override
        List<WeightNorm> layers() {
            List<WeightNorm> layers = new ArrayList<>();
            conv(layers, 3, 512, 512, 5);
            // The two predictors, of pitch and of energy.
            conv(layers, 4, 512, 512, 3);
            conv(layers, 2, 256, 512, 3);
            conv(layers, 6, 256, 256, 3);
            conv(layers, 2, 256, 512, 1);
            conv(layers, 2, 512, 1, 3);
            // The decoder.
            conv(layers, 1, 1024, 514, 3);
            conv(layers, 1, 1024, 514, 1);
            conv(layers, 4, 1024, 1024, 3);
            conv(layers, 3, 1024, 1090, 3);
            conv(layers, 3, 1024, 1090, 1);
            conv(layers, 1, 512, 1090, 3);
            conv(layers, 1, 512, 512, 3);
            conv(layers, 1, 512, 1090, 1);
            conv(layers, 1, 1090, 1, 3);
            conv(layers, 2, 1, 1, 3);
            conv(layers, 1, 64, 512, 1);
            // Its generator.
            conv(layers, 1, 512, 256, 20);
            conv(layers, 1, 256, 128, 12);
            for (int channels = 256; channels >= 128; channels /= 2) {
                for (int kernelSize : new int[] {3, 7, 11}) {
                    conv(layers, 6, channels, channels, kernelSize);
                }
            }
            conv(layers, 6, 256, 256, 7);
            conv(layers, 6, 128, 128, 11);
            conv(layers, 1, 22, 128, 7);
            return layers;
        }
    },
    /** The positional convolution of wav2vec2, HuBERT and WavLM, base size: the kept axis is the last. */
    WAV2VEC2 {
        @Override
        List<WeightNorm> layers() {
            return List.of(WeightNorm.of(new int[] {768, 48, 128}, 2));
        }
    },
    /** The last layer of DINO's head. */
    DINO_HEAD {
        @Override
        List<WeightNorm> layers() {
            return List.of(WeightNorm.linear(65536, 256));
        }
    };

    /** The model's normed weights, those of one shape together. */
    abstract List<WeightNorm> layers();

    private static void conv(List<WeightNorm> layers, int count, int channels, int perGroup, int kernelSize) {
        for (int i = 0; i < count; i++) {
            layers.add(WeightNorm.of(new int[] {channels, perGroup, kernelSize}, 0));
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
