package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folds the checkpoints that PyTorch wrote and compares with what its own remove_weight_norm made of them. */
class FixtureFoldTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"generator, generator, 23", "codec.legacy, codec, 10", "codec.parametrized, codec, 10"})
    void weightsAreThoseOfPyTorch(String name, String expected, int weights) throws IOException {
        FoldReport report = fold(name, CheckpointFolder.defaults());
        assertEquals(weights, report.weights().size());
        try (SafetensorsFile ours = open(name); SafetensorsFile theirs = SafetensorsFile.open(fixture(expected + ".folded"))) {
            assertEquals(descriptions(theirs), descriptions(ours));
            assertEquals(theirs.metadata(), ours.metadata());
            for (FoldedWeight weight : report.weights()) {
                float[] torch = theirs.floats(weight.name());
                float[] largest = largestOfChannels(torch, weight);
                float[] folded = ours.floats(weight.name());
                for (int i = 0; i < torch.length; i++) {
                    assertEquals(torch[i], folded[i], 1e-6f * largest[channel(weight, i)], weight.name() + " " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"generator", "codec.legacy", "codec.parametrized", "codec.f16", "codec.bf16"})
    void otherTensorsAndTheMetadataPassThroughByteForByte(String name) throws IOException {
        FoldReport report = fold(name, CheckpointFolder.defaults());
        FoldPlan plan = CheckpointFolder.inspect(fixture(name));
        assertEquals(plan.others().size(), report.copiedTensors());
        assertEquals(Files.size(output(name)), report.bytes());
        try (SafetensorsFile in = SafetensorsFile.open(fixture(name)); SafetensorsFile out = open(name)) {
            assertEquals(List.copyOf(in.metadata().entrySet()), List.copyOf(out.metadata().entrySet()));
            for (TensorInfo tensor : plan.others()) {
                assertArrayEquals(bytes(in, tensor), bytes(out, out.tensorsByName().get(tensor.name())), tensor.name());
            }
        }
    }

    @Test
    void bothSpellingsGiveTheSameFile() throws IOException {
        fold("codec.legacy", CheckpointFolder.defaults());
        fold("codec.parametrized", CheckpointFolder.defaults());
        assertEquals(-1, Files.mismatch(output("codec.legacy"), output("codec.parametrized")));
    }

    @ParameterizedTest
    @CsvSource({"codec.f16, F16, 11", "codec.bf16, BF16, 8"})
    void halfPrecisionWeightsAreWithinOneUlpOfTheExactFold(String name, DataType type, int precision) throws IOException {
        FoldReport report = fold(name, CheckpointFolder.defaults());
        try (SafetensorsFile in = SafetensorsFile.open(fixture(name)); SafetensorsFile out = open(name)) {
            for (FoldedWeight weight : report.weights()) {
                assertEquals(type, out.tensorsByName().get(weight.name()).dataType());
                double[] exact = exactFold(in, weight);
                float[] folded = out.floats(weight.name());
                for (int i = 0; i < exact.length; i++) {
                    // Half an ulp of the type for the rounding, and a hair for the float arithmetic before it.
                    double ulp = Math.scalb(1.0, Math.max(Math.getExponent(exact[i]), type == DataType.F16 ? -14 : -126)
                            + 1 - precision);
                    assertEquals(exact[i], folded[i], 0.501 * ulp, weight.name() + " " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"codec.f16", "codec.bf16"})
    void halfPrecisionCheckpointsKeepTheirTensorSet(String name) throws IOException {
        fold(name, CheckpointFolder.defaults());
        try (SafetensorsFile out = open(name); SafetensorsFile single = SafetensorsFile.open(fixture("codec.folded"))) {
            Function<SafetensorsFile, Map<String, List<Long>>> shapes = file -> file.tensors().stream()
                    .collect(Collectors.toMap(TensorInfo::name, TensorInfo::shape));
            assertEquals(shapes.apply(single), shapes.apply(out));
            assertEquals(single.metadata(), out.metadata());
        }
    }

    @ParameterizedTest
    @CsvSource({"codec.f16, F16", "codec.bf16, BF16", "codec.legacy, F32"})
    void aWidenedWeightRoundsToTheOneOfTheDirectionsType(String name, DataType type) throws IOException {
        fold(name, CheckpointFolder.defaults());
        Path wide = directory.resolve("wide");
        FoldReport report = CheckpointFolder.defaults().dataType(DataType.F32).fold(fixture(name), wide);
        try (SafetensorsFile widened = SafetensorsFile.open(wide); SafetensorsFile out = open(name)) {
            for (FoldedWeight weight : report.weights()) {
                assertEquals(DataType.F32, widened.tensorsByName().get(weight.name()).dataType());
                float[] rounded = widened.floats(weight.name());
                ByteBuffer encoded = ByteBuffer.allocate(rounded.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
                type.encode(rounded, 0, rounded.length, encoded);
                assertArrayEquals(encoded.array(), bytes(out, out.tensorsByName().get(weight.name())), weight.name());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"generator, 1", "generator, 1000", "codec.f16, 1", "codec.f16, 50"})
    void chunksOfAnySizeGiveTheSameFile(String name, int elements) throws IOException {
        FoldReport whole = fold(name, CheckpointFolder.defaults());
        Path chunked = directory.resolve("chunked");
        FoldReport report = CheckpointFolder.defaults().chunkElements(elements).fold(fixture(name), chunked);
        assertEquals(-1, Files.mismatch(output(name), chunked));
        assertEquals(whole.weights(), report.weights());
    }

    @Test
    void theReportTellsAxesAndChannels() throws IOException {
        List<String> lines = fold("codec.legacy", CheckpointFolder.defaults()).weights().stream()
                .map(weight -> weight.name() + weight.shape() + weight.keptAxis() + " " + weight.channelCount()).toList();
        assertEquals(List.of("stem.weight[48, 1, 7]0 48", "depthwise.weight[48, 1, 7]0 48", "in_proj.weight[8, 48, 1]0 8",
                "out_proj.weight[48, 8, 1]0 48", "up.weight[48, 24, 16]0 48", "up_depthwise.weight[24, 1, 3]0 24",
                "pos_conv.weight[24, 6, 16]2 16", "whole.weight[10, 24]-1 1", "last_layer.weight[40, 24]0 40",
                "rnn.weight_hh_l0[48, 12]0 48"), lines);
    }

    @Test
    void everyTensorLiesAtAMultipleOfItsElementSize() throws IOException {
        Path in = new CheckpointBuilder()
                .bytes("flag", DataType.BOOL, List.of(3L), (byte) 1, (byte) 0, (byte) 1)
                .floats("h_g", DataType.F16, List.of(2L, 1L), 1, 2).floats("h_v", DataType.F16, List.of(2L, 1L), 3, 4)
                .bytes("packed", DataType.F4, List.of(2L), (byte) 0x21)
                .bytes("step", DataType.I64, List.of(), new byte[8])
                .floats("a", List.of(1L), 5).floats("b", List.of(1L), 6)
                .write(directory.resolve("in"));
        CheckpointFolder.defaults().fold(in, directory.resolve("out"));
        try (SafetensorsFile out = SafetensorsFile.open(directory.resolve("out"))) {
            assertEquals(List.of("step", "a", "b", "h", "flag", "packed"), out.tensors().stream().map(TensorInfo::name).toList());
        }
        byte[] file = Files.readAllBytes(directory.resolve("out"));
        assertEquals(0, ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0) % 8);
    }

    private FoldReport fold(String name, CheckpointFolder folder) throws IOException {
        return folder.overwrite(true).fold(fixture(name), output(name));
    }

    private SafetensorsFile open(String name) throws IOException {
        return SafetensorsFile.open(output(name));
    }

    private Path output(String name) {
        return directory.resolve(name + ".out.safetensors");
    }

    static Path fixture(String name) {
        try {
            return Path.of(FixtureFoldTest.class.getResource("/fixtures/" + name + ".safetensors").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    private static Map<String, String> descriptions(SafetensorsFile file) {
        return file.tensors().stream().collect(Collectors.toMap(TensorInfo::name, TensorInfo::layoutText, (a, b) -> a,
                TreeMap::new));
    }

    private static byte[] bytes(SafetensorsFile file, TensorInfo tensor) throws IOException {
        byte[] all = Files.readAllBytes(file.path());
        int data = all.length - (int) file.tensors().get(file.tensors().size() - 1).end();
        return Arrays.copyOfRange(all, data + (int) tensor.begin(), data + (int) tensor.end());
    }

    /** g·v/‖v‖ in double, from the file's own numbers. */
    private static double[] exactFold(SafetensorsFile in, FoldedWeight weight) throws IOException {
        float[] direction = in.floats(weight.name() + "_v");
        float[] gain = in.floats(weight.name() + "_g");
        double[] squares = new double[gain.length];
        for (int i = 0; i < direction.length; i++) {
            squares[channel(weight, i)] += (double) direction[i] * direction[i];
        }
        double[] folded = new double[direction.length];
        for (int i = 0; i < direction.length; i++) {
            folded[i] = gain[channel(weight, i)] * direction[i] / Math.sqrt(squares[channel(weight, i)]);
        }
        return folded;
    }

    private static float[] largestOfChannels(float[] values, FoldedWeight weight) {
        float[] largest = new float[(int) weight.channelCount()];
        for (int i = 0; i < values.length; i++) {
            largest[channel(weight, i)] = Math.max(largest[channel(weight, i)], Math.abs(values[i]));
        }
        return largest;
    }

    private static int channel(FoldedWeight weight, int element) {
        if (weight.keptAxis() < 0) {
            return 0;
        }
        long inner = weight.shape().stream().skip(weight.keptAxis() + 1).reduce(1L, Math::multiplyExact);
        return (int) (element / inner % weight.channelCount());
    }
}
