package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairFinderTest {
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    @Test
    void findsSuffixedPairsOfAnyName() throws CheckpointException {
        add("conv.weight_g", 4, 1).add("conv.weight_v", 4, 3).add("rnn.weight_hh_l0_g", 8, 1).add("rnn.weight_hh_l0_v", 8, 2);
        assertEquals(List.of("conv.weight", "rnn.weight_hh_l0"), pairNames());
    }

    @Test
    void findsParametrizedPairsWithAndWithoutAPrefix() throws CheckpointException {
        add("a.b.parametrizations.weight.original1", 4, 3).add("a.b.parametrizations.weight.original0", 4, 1);
        add("parametrizations.weight.original0", 1, 3).add("parametrizations.weight.original1", 4, 3);
        assertEquals(List.of("a.b.weight", "weight"), pairNames());
        assertEquals(List.of(0, 1), find().pairs().stream().map(WeightPair::keptAxis).toList());
    }

    @Test
    void pairsComeInTheOrderOfTheirDirectionsAndOthersInTheOrderOfTheirData() throws CheckpointException {
        add("x", 1).add("b_g", 2, 1).add("a_v", 2, 2).add("y", 1).add("b_v", 2, 2).add("a_g", 2, 1);
        assertEquals(List.of("a", "b"), pairNames());
        assertEquals(List.of("x", "y"), find().others().stream().map(TensorInfo::name).toList());
    }

    @Test
    void halfOfASuffixedPairIsSomethingElse() throws CheckpointException {
        add("spectral.weight_v", 6).add("spectral.weight_u", 6).add("spectral.weight_orig", 6, 6).add("scale_g", 6, 1);
        assertTrue(find().pairs().isEmpty());
        assertEquals(4, find().others().size());
    }

    @Test
    void aSuffixAloneIsNoPair() throws CheckpointException {
        add("_g", 1).add("_v", 1);
        assertTrue(find().pairs().isEmpty());
    }

    @Test
    void parametrizationsOfOtherKindsAreCopied() throws CheckpointException {
        add("conv.parametrizations.weight.original", 6, 6).add("conv.parametrizations.weight.0._u", 6)
                .add("conv.parametrizations.weight.0._v", 6);
        assertTrue(find().pairs().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"'4,3,2', '4,1,1', 0", "'4,3,2', '1,3,1', 1", "'4,3,2', '1,1,2', 2", "'4,3,2', '4', 0", "'4,3,2', '', -1",
        "'4,3,2', '1', -1", "'4,3,2', '1,1,1', -1", "'3,3', '1,3', 1", "'3,3', '3,1', 0", "'3,3', '3', 0", "'5', '5', 0",
                "'1,3', '1,1', -1",
        "'', '', -1", "'1,3', '1,3', 1"})
    void theShapesTellTheKeptAxis(String direction, String gain, int keptAxis) throws CheckpointException {
        add("w_v", dimensions(direction)).add("w_g", dimensions(gain));
        assertEquals(keptAxis, find().pairs().get(0).keptAxis());
    }

    @Test
    void theKeptAxisOfATensorBeyondAnyArrayIsFoundToo() throws CheckpointException {
        add("rows_v", 1L << 33, 64).add("rows_g", 1L << 33, 1).add("last_v", 1L << 20, 1L << 20).add("last_g", 1, 1L << 20);
        assertEquals(List.of(0, 1), find().pairs().stream().map(WeightPair::keptAxis).toList());
        assertEquals(1L << 33, find().pairs().get(0).channelCount());
    }

    @ParameterizedTest
    @CsvSource({"'4,3', '5,1'", "'4,3', '4,3'", "'4,3', '3'", "'4,3', '4,1,1'", "'4,3,2', '4,3,1'", "'4,3', '1,4'",
            "'0,3', '0,1'", "'', '3'",
        "'3', '0'"})
    void refusesShapesThatDoNotFit(String direction, String gain) {
        add("w_v", dimensions(direction)).add("w_g", dimensions(gain));
        assertRefused("'w_v' F32 [" + direction.replace(",", ", ") + "] and 'w_g' F32 [" + gain.replace(",", ", ")
                + "] do not fit");
    }

    @Test
    void refusesAPairWhosePlainNameIsThereToo() {
        add("w", 4, 3).add("w_v", 4, 3).add("w_g", 4, 1);
        assertRefused("'w_v', 'w_g' would become 'w', which is there too");
    }

    @Test
    void refusesAParametrizedPairWhosePlainNameIsThereToo() {
        add("c.w", 4, 3).add("c.parametrizations.w.original0", 4, 1).add("c.parametrizations.w.original1", 4, 3);
        assertRefused("'c.parametrizations.w.original1', 'c.parametrizations.w.original0' would become 'c.w', "
                + "which is there too");
    }

    @Test
    void refusesBothSpellingsOfOneWeight() {
        add("c.w_g", 4, 1).add("c.w_v", 4, 3).add("c.parametrizations.w.original0", 4, 1).add("c.parametrizations.w.original1", 4,
                3);
        assertRefused("'c.parametrizations.w.original1', 'c.parametrizations.w.original0' and 'c.w_v', 'c.w_g' "
                + "would both become 'c.w'");
    }

    @ParameterizedTest
    @CsvSource({"original0, original1", "original1, original0"})
    void refusesHalfAParametrizedPair(String there, String missing) {
        add("c.parametrizations.w." + there, 4, 1);
        assertRefused("half a pair: 'c.parametrizations.w." + there + "' without its " + missing);
    }

    @ParameterizedTest
    @CsvSource({"original2", "1._u"})
    void refusesAParametrizationOfMoreThanWeightNormalization(String part) {
        add("c.parametrizations.w.original0", 4, 1).add("c.parametrizations.w.original1", 4, 3).add("c.parametrizations.w."
                + part, 4);
        String message = assertRefused("more than weight normalization is applied to 'c.w': ");
        for (String name : List.of("original0", "original1", part)) {
            assertTrue(message.contains("'c.parametrizations.w." + name + "'"), message);
        }
    }

    @Test
    void refusesAPairOfATypeThatCannotBeFolded() {
        add("w_v", 4, 3);
        tensors.put("w_g", new TensorInfo("w_g", DataType.I32, List.of(4L, 1L), 0, 16));
        assertRefused("'w_v', 'w_g' cannot be folded: 'w_g' is I32, and only F64, F32, F16 and BF16 can");
    }

    @Test
    void refusesAPairThatWouldPoseAsMetadata() {
        add("__metadata___g", 4, 1).add("__metadata___v", 4, 3);
        assertRefused("would become __metadata__, which is no name for a tensor");
    }

    @Test
    void aNameOfAMegabyteIsMatchedInNoTime() throws CheckpointException {
        add("parametrizations.".repeat(60_000) + "x", 1).add("a.".repeat(500_000), 1);
        assertEquals(2, find().others().size());
    }

    private PairFinderTest add(String name, long... shape) {
        TensorInfo sized = new TensorInfo(name, DataType.F32, Arrays.stream(shape).boxed().toList(), 0, 0);
        tensors.put(name, sized);
        return this;
    }

    private static long[] dimensions(String list) {
        return list.isEmpty() ? new long[0] : Arrays.stream(list.split(",")).mapToLong(Long::parseLong).toArray();
    }

    private FoldPlan find() throws CheckpointException {
        return PairFinder.find(Path.of("x.safetensors"), tensors);
    }

    private List<String> pairNames() throws CheckpointException {
        return find().pairs().stream().map(WeightPair::name).toList();
    }

    private String assertRefused(String expected) {
        String message = assertThrows(CheckpointException.class, this::find).getMessage();
        assertTrue(message.startsWith("x.safetensors: "), message);
        assertTrue(message.contains(expected), message);
        return message;
    }
}
