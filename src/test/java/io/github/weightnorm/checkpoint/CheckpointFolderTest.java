package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is folded into what: types, axes, the report, and what passes through. */
class CheckpointFolderTest extends OneFold {
    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void aWeightHasTheTypeOfItsDirection(DataType type) throws IOException {
        new CheckpointBuilder().floats("w_v", type, List.of(2L, 2L), 3, 4, 0, -0.5f).floats("w_g", List.of(2L, 1L), 10, 2)
                .write(in);
        folder.fold(in, out);
        assertEquals(type, inspectOutput("w").dataType());
        assertArrayEquals(new float[] {6, 8, 0, -2}, folded("w"));
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void theGainMayHaveAnyType(DataType type) throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(1L, 2L), 3, 4).floats("w_g", type, List.of(1L), 10).write(in);
        folder.fold(in, out);
        assertArrayEquals(new float[] {6, 8}, folded("w"));
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void allWeightsCanBeWrittenInOneType(DataType type) throws IOException {
        twoPairs().write(in);
        folder.dataType(type).fold(in, out);
        assertEquals(type, inspectOutput("a").dataType());
        assertEquals(type, inspectOutput("b").dataType());
        assertEquals(DataType.F32, inspectOutput("bias").dataType());
        assertArrayEquals(new float[] {6, 8}, folded("a"));
    }

    @Test
    void noOtherTypeIsAccepted() {
        String message = assertThrows(IllegalArgumentException.class, () -> folder.dataType(DataType.I8)).getMessage();
        assertEquals("dataType: I8 (expected: F64, F32, F16 or BF16)", message);
    }

    @Test
    void aPaddleGainOfOneDimensionKeepsAxisZero() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 2L), 3, 4, 6, 8).floats("w_g", List.of(2L), 5, 20).write(in);
        assertEquals(0, folder.fold(in, out).weights().get(0).keptAxis());
        assertArrayEquals(new float[] {3, 4, 12, 16}, folded("w"));
    }

    @Test
    void aGainOfNoDimensionsScalesTheWholeTensor() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 2L), 1, 1, 1, 1).floats("w_g", List.of(), 6).write(in);
        assertEquals(-1, folder.fold(in, out).weights().get(0).keptAxis());
        assertArrayEquals(new float[] {3, 3, 3, 3}, folded("w"));
    }

    @Test
    void aMiddleAxisIsKept() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 2L, 1L), 3, 0, 4, 2).floats("w_g", List.of(1L, 2L, 1L), 5, 7).write(in);
        assertEquals(1, folder.fold(in, out).weights().get(0).keptAxis());
        assertArrayEquals(new float[] {3, 0, 4, 7}, folded("w"));
    }

    @Test
    void theReportTellsNormsAndZeroChannels() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(3L, 2L), 3, 4, 0, 0, 6, 8).floats("w_g", List.of(3L, 1L), 1, 1, 1)
                .write(in);
        FoldedWeight weight = folder.fold(in, out).weights().get(0);
        assertEquals(new FoldedWeight("w", List.of(3L, 2L), 0, 3, 0, 10, 1), weight);
        assertArrayEquals(new float[] {0.6f, 0.8f, 0, 0, 0.6f, 0.8f}, folded("w"));
    }

    @Test
    void nothingToFoldWritesNothing() throws IOException {
        new CheckpointBuilder().floats("spectral.weight_v", List.of(2L), 1, 2).write(in);
        FoldReport report = folder.fold(in, out);
        assertEquals(List.of(), report.weights());
        assertEquals(Set.of("in.safetensors"), filesInDirectory());
    }

    @Test
    void emptyTensorsPassThrough() throws IOException {
        twoPairs().bytes("empty", DataType.I64, List.of(0L, 3L)).write(in);
        folder.fold(in, out);
        assertEquals(List.of(0L, 3L), inspectOutput("empty").shape());
    }

    @Test
    void metadataThatIsEmptyStaysSo() throws IOException {
        CheckpointBuilder.write(in, "{\"__metadata__\":{},\"w_v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                + "\"w_g\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8);
        folder.fold(in, out);
        assertTrue(Files.readString(out, StandardCharsets.ISO_8859_1).contains("\"__metadata__\":{}"));
    }

    @Test
    void namesBeyondAsciiSurvive() throws IOException {
        new CheckpointBuilder().metadata("注", "\u0001\"\\/🎵").floats("重み🎵\n_v", List.of(1L), 2).floats("重み🎵\n_g", List.of(1L), 3)
                .write(in);
        folder.fold(in, out);
        assertArrayEquals(new float[] {3}, folded("重み🎵\n"));
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            assertEquals("\u0001\"\\/🎵", file.metadata().get("注"));
        }
    }

    private TensorInfo inspectOutput(String name) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            return file.tensorsByName().get(name);
        }
    }
}
