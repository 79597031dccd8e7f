package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.util.passthrough.PassthroughNDManager;
import io.github.weightnorm.Fixtures;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tool writes is read by the Deep Java Library, whose code for it has nothing in common with ours. */
@Tag("once")
class IndependentReaderTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"codec.legacy", "codec.parametrized", "codec.f16", "codec.bf16", "generator", "generator_v1"})
    void aFoldedFixtureHasTheSameTensorsForBoth(String fixture) throws IOException {
        assertReadAlike(Fixtures.path(fixture + ".safetensors"));
    }

    @Test
    void everyTypeAndShapeArrives() throws IOException {
        CheckpointBuilder checkpoint = new CheckpointBuilder().metadata("format", "pt").metadata("注", "\"\\\n🎵")
                .floats("重み🎵\n_v", List.of(2L, 2L), 3, 4, 5, 12).floats("重み🎵\n_g", List.of(2L, 1L), 5, 26)
                .bytes("flags", DataType.BOOL, List.of(3L), new byte[] {1, 0, 1})
                .floats("scalar", DataType.F64, List.of(), 7).bytes("none", DataType.F32, List.of(0L, 5L))
                .bytes("step", DataType.I64, List.of(), new byte[] {1, 2, 3, 4, 5, 6, 7, (byte) 0x88});
        for (DataType type : List.of(DataType.I8, DataType.U8, DataType.I32, DataType.F16, DataType.BF16, DataType.F32, DataType.F64)) {
            byte[] bytes = new byte[6 * type.bytes()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (i + 1);
            }
            checkpoint.bytes("some " + type, type, List.of(1L, 2L, 3L), bytes);
        }
        assertReadAlike(checkpoint.write(directory.resolve("in.safetensors")));
    }

    private void assertReadAlike(Path in) throws IOException {
        Path out = directory.resolve("out.safetensors");
        assertTrue(CheckpointFolder.defaults().fold(in, out).weights().size() > 0);
        Map<String, NDArray> before = read(in);
        Map<String, NDArray> after = read(out);
        try (SafetensorsFile ours = SafetensorsFile.open(out)) {
            assertEquals(ours.tensors().stream().map(TensorInfo::name).toList(), new ArrayList<>(after.keySet()));
            for (TensorInfo tensor : ours.tensors()) {
                NDArray theirs = after.get(tensor.name());
                assertEquals(tensor.shape(), boxed(theirs.getShape().getShape()), tensor.name());
                assertEquals(ai.djl.ndarray.types.DataType.fromSafetensors(tensor.dataType().name()), theirs.getDataType(), tensor.name());
                byte[] bytes = bytes(theirs);
                assertEquals(tensor.byteCount(), bytes.length, tensor.name());
                if (before.containsKey(tensor.name())) {
                    assertArrayEquals(bytes(before.get(tensor.name())), bytes, tensor.name());
                }
                if (tensor.dataType().isFoldable()) {
                    float[] floats = new float[(int) tensor.elementCount()];
                    tensor.dataType().decode(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), floats, 0, floats.length);
                    assertArrayEquals(floats, ours.floats(tensor.name()), tensor.name());
                }
            }
        }
    }

    private static Map<String, NDArray> read(Path file) throws IOException {
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        try (InputStream stream = new BufferedInputStream(Files.newInputStream(file))) {
            for (NDArray tensor : NDList.decode(PassthroughNDManager.INSTANCE, stream)) {
                tensors.put(tensor.getName(), tensor);
            }
        }
        return tensors;
    }

    private static byte[] bytes(NDArray tensor) {
        ByteBuffer buffer = tensor.toByteBuffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static List<Long> boxed(long[] shape) {
        List<Long> boxed = new ArrayList<>();
        for (long dimension : shape) {
            boxed.add(dimension);
        }
        return boxed;
    }
}
