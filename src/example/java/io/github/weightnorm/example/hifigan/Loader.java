package io.github.weightnorm.example.hifigan;

import io.github.weightnorm.checkpoint.FoldedCheckpoint;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Makes a generator of what a checkpoint's names and shapes tell, and refuses layers that don't fit each other. */
final class Loader {
    private final FoldedCheckpoint checkpoint;
    private final List<int[]> dilations;

    /** @param dilations those of each block of a stage, or none for 1, 3, 5, … in all of them */
    Loader(FoldedCheckpoint checkpoint, List<int[]> dilations) {
        this.checkpoint = checkpoint;
        this.dilations = dilations;
    }

    Generator generator() throws IOException {
        Conv1d pre = new Conv1d(Parameters.read(checkpoint, "conv_pre"), 1);
        int stageCount = count("ups.%d.weight");
        int blockCount = count("resblocks.%d.convs.0.weight") + count("resblocks.%d.convs1.0.weight");
        if (stageCount == 0 || blockCount == 0 || blockCount % stageCount != 0) {
            throw new IllegalArgumentException("ups, resblocks: " + stageCount + ", " + blockCount
                    + " (expected: some of either, and as many blocks for each of the stages)");
        }
        int channels = pre.outChannels;
        List<Generator.Stage> stages = new ArrayList<>();
        for (int stage = 0; stage < stageCount; stage++) {
            Parameters parameters = Parameters.read(checkpoint, "ups." + stage);
            parameters.expect(0, channels, "inputs");
            ConvTranspose1d up = new ConvTranspose1d(parameters);
            channels = up.outChannels;
            stages.add(new Generator.Stage(up, blocks(stage, blockCount / stageCount, channels)));
        }
        Parameters post = Parameters.read(checkpoint, "conv_post");
        post.expect(0, 1, "output");
        post.expect(1, channels, "inputs");
        return new Generator(pre, stages, new Conv1d(post, 1));
    }

    private List<ResidualBlock> blocks(int stage, int count, int channels) throws IOException {
        if (!dilations.isEmpty() && dilations.size() != count) {
            throw new IllegalArgumentException("dilations: " + dilations.size() + " lists (expected: " + count + ", one for each block)");
        }
        List<ResidualBlock> blocks = new ArrayList<>();
        for (int block = 0; block < count; block++) {
            blocks.add(block("resblocks." + (stage * count + block), dilations.isEmpty() ? null : dilations.get(block), channels));
        }
        return blocks;
    }

    private ResidualBlock block(String name, int[] dilationsOfBlock, int channels) throws IOException {
        boolean inPairs = checkpoint.names().contains(name + ".convs1.0.weight");
        String dilated = name + (inPairs ? ".convs1." : ".convs.");
        int count = count(dilated + "%d.weight");
        int[] known = dilationsOfBlock != null ? dilationsOfBlock : IntStream.range(0, count).map(step -> 2 * step + 1).toArray();
        if (known.length != count) {
            throw new IllegalArgumentException("dilations: " + known.length + " for " + name + " (expected: " + count + ")");
        }
        List<List<Conv1d>> steps = new ArrayList<>();
        for (int step = 0; step < count; step++) {
            Conv1d first = convolution(dilated + step, known[step], channels);
            steps.add(inPairs ? List.of(first, convolution(name + ".convs2." + step, 1, channels)) : List.of(first));
        }
        return new ResidualBlock(steps);
    }

    private Conv1d convolution(String name, int dilation, int channels) throws IOException {
        Parameters parameters = Parameters.read(checkpoint, name);
        parameters.expect(0, channels, "outputs");
        parameters.expect(1, channels, "inputs");
        return new Conv1d(parameters, dilation);
    }

    /** How many names there are of a pattern, with numbers from 0 on. */
    private int count(String pattern) {
        int count = 0;
        while (checkpoint.names().contains(pattern.replace("%d", String.valueOf(count)))) {
            count++;
        }
        return count;
    }
}
