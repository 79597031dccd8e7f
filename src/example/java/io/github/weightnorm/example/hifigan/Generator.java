package io.github.weightnorm.example.hifigan;

import io.github.weightnorm.checkpoint.FoldedCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * HiFi-GAN's generator: from a mel spectrogram to a waveform (Kong, Kim and Bae, <a href="https://arxiv.org/abs/2010.05646">HiFi-GAN</a>,
 * 2020).
 *
 * <p>The names and shapes in the checkpoint tell the topology: channels, kernel sizes, how many stages and blocks there are, and which
 * of the two kinds of block. Shapes don't tell two things, for which the convention of HiFi-GAN stands in: a stage upsamples by half of
 * its kernel size, and a block's dilations are 1, 3, 5. The dilations of its V3 configuration are others, so they can be stated.
 *
 * @param pre from mel bands to the first stage's channels
 * @param stages each of them upsamples
 * @param post from the last stage's channels to one
 */
record Generator(Conv1d pre, List<Stage> stages, Conv1d post) {
    static final float SLOPE = 0.1f;
    /** PyTorch's default, which HiFi-GAN has before its last convolution. */
    private static final float LAST_SLOPE = 0.01f;

    /** An upsampling, and blocks whose results are averaged. */
    record Stage(ConvTranspose1d up, List<ResidualBlock> blocks) {

        float[][] apply(float[][] x) {
            float[][] upsampled = up.apply(Rows.leakyRelu(x, SLOPE));
            float[][] sum = blocks.get(0).apply(upsampled);
            for (ResidualBlock block : blocks.subList(1, blocks.size())) {
                Rows.add(block.apply(upsampled), sum);
            }
            for (float[] row : sum) {
                for (int t = 0; t < row.length; t++) {
                    row[t] /= blocks.size();
                }
            }
            return sum;
        }
    }

    // <vocoder-example>
    /** Loads a generator from the checkpoint that training left, g and v and all, or from one that was folded before. */
    static Generator load(Path file, List<int[]> dilations) throws IOException {
        try (FoldedCheckpoint checkpoint = FoldedCheckpoint.open(file)) {
            return new Loader(checkpoint, dilations).generator();
        }
    }
    // </vocoder-example>

    /**
     * The waveform of a spectrogram.
     *
     * @param mel {@code [bands][frames]}, the logarithm of magnitudes, as the model was trained on
     * @return {@link #upsampling()} samples for each frame, from −1 to 1
     */
    float[] apply(float[][] mel) {
        if (mel.length != pre.inChannels) {
            throw new IllegalArgumentException("mel: " + mel.length + " bands (expected: " + pre.inChannels + ")");
        }
        float[][] x = pre.apply(mel);
        for (Stage stage : stages) {
            x = stage.apply(x);
        }
        float[] waveform = post.apply(Rows.leakyRelu(x, LAST_SLOPE))[0];
        for (int t = 0; t < waveform.length; t++) {
            waveform[t] = (float) Math.tanh(waveform[t]);
        }
        return waveform;
    }

    /** How many samples a frame becomes. */
    int upsampling() {
        return stages.stream().mapToInt(stage -> stage.up.stride).reduce(1, Math::multiplyExact);
    }

    /** The topology in a line. */
    @Override
    public String toString() {
        String factors = stages.stream().map(stage -> String.valueOf(stage.up.stride)).collect(Collectors.joining("·"));
        String channels = stages.stream().map(stage -> String.valueOf(stage.up.outChannels)).collect(Collectors.joining(", "));
        return pre.inChannels + " bands, " + pre.outChannels + " channels, then " + channels + ", upsampling " + factors + ", "
                + stages.get(0).blocks.size() + " blocks a stage";
    }
}
