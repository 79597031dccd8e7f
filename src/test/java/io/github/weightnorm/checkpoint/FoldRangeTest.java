package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** NaN, infinity, and numbers beyond the range of a type or an array. */
class FoldRangeTest extends OneFold {
    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    @ParameterizedTest
    @ValueSource(floats = {NAN, INFINITY, -INFINITY})
    void aDirectionThatIsNotFiniteIsRefused(float value) throws IOException {
        new CheckpointBuilder().floats("c.w_v", List.of(3L, 2L), 1, 2, 3, 4, 5, value).floats("c.w_g", List.of(3L, 1L), 1, 1, 1)
                .write(in);
        assertRefused("weight 'c.w' from 'c.w_v': channel 2 holds NaN or infinity (--allow-non-finite or allowNonFinite(true) folds it)");
    }

    @ParameterizedTest
    @ValueSource(floats = {NAN, INFINITY, -INFINITY})
    void aGainThatIsNotFiniteIsRefused(float value) throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 2L), 1, 2, 3, 4).floats("w_g", List.of(1L, 2L), 1, value).write(in);
        assertRefused("weight 'w' from 'w_v': channel 1 holds NaN or infinity");
    }

    @Test
    void theChannelIsCountedOverAllChunks() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(3L, 2L), 1, 2, 3, 4, 5, NAN).floats("w_g", List.of(3L, 1L), 1, 1, 1)
                .write(in);
        assertRefused(folder.chunkElements(2), "channel 2 holds NaN or infinity");
    }

    @Test
    void theChannelOfAnInnerAxisIsNamed() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 3L, 2L), 1, 1, 1, 1, 1, 1, 1, 1, 1, NAN, 1, 1)
                .floats("w_g", List.of(1L, 3L, 1L), 1, 1, 1).write(in);
        assertRefused("channel 1 holds NaN or infinity");
    }

    @Test
    void nonFiniteChannelsAreFoldedOnRequestAndLeaveTheOthersAlone() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(3L, 2L), 3, 4, 1, NAN, 6, 8).floats("w_g", List.of(3L, 1L), 5, 1, INFINITY)
                .write(in);
        FoldedWeight weight = folder.allowNonFinite(true).fold(in, out).weights().get(0);
        assertArrayEquals(new float[] {3, 4, NAN, NAN, INFINITY, INFINITY}, folded("w"));
        assertTrue(Float.isNaN(weight.smallestNorm()) && Float.isNaN(weight.largestNorm()));
    }

    @Test
    void aFiniteChannelWhoseNormIsBeyondFloatIsFolded() throws IOException {
        float large = Float.MAX_VALUE;
        new CheckpointBuilder().floats("w_v", List.of(1L, 4L), large, large, -large, large).floats("w_g", List.of(1L, 1L), 2)
                .write(in);
        assertEquals(INFINITY, folder.fold(in, out).weights().get(0).largestNorm());
        assertArrayEquals(new float[] {1, 1, -1, 1}, folded("w"));
    }

    @Test
    void aWeightBeyondTheResultsTypeIsRefused() throws IOException {
        new CheckpointBuilder().floats("w_v", DataType.F16, List.of(2L, 1L), 1, -1).floats("w_g", List.of(2L, 1L), 65519, 65520)
                .write(in);
        assertRefused("weight 'w' from 'w_v': channel 1 holds -65520.0, beyond the range of F16 (--dtype f32 widens the result)");
        folder.dataType(DataType.F32).fold(in, out);
        assertArrayEquals(new float[] {65519, -65520}, folded("w"));
    }

    @Test
    void aWeightBeyondTheResultsTypeIsRefusedBesideNonFiniteChannelsToo() throws IOException {
        new CheckpointBuilder().floats("w_v", DataType.F16, List.of(2L, 1L), NAN, 1).floats("w_g", List.of(2L, 1L), 1, 70000)
                .write(in);
        assertRefused(folder.allowNonFinite(true), "channel 1 holds 70000.0, beyond the range of F16");
    }

    @Test
    void aDoubleBeyondFloatIsRefused() throws IOException {
        byte[] bytes = new byte[8];
        bytes[7] = 0x7f; // 5e306
        new CheckpointBuilder().bytes("w_v", DataType.F64, List.of(1L), bytes).floats("w_g", List.of(1L), 1).write(in);
        assertRefused("tensor 'w_v': holds a finite number beyond the range of float");
    }

    @Test
    void aTensorThatNoArrayHoldsIsRefused() throws IOException {
        long columns = Integer.MAX_VALUE;
        String json = "{\"w_v\":{\"dtype\":\"F16\",\"shape\":[1," + columns + "],\"data_offsets\":[0," + 2 * columns + "]},"
                + "\"w_g\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[" + 2 * columns + "," + (2 * columns + 2) + "]}}";
        CheckpointBuilder.write(in, json, 0);
        try (RandomAccessFile sparse = new RandomAccessFile(in.toFile(), "rw")) {
            sparse.setLength(sparse.length() + 2 * columns + 2);
        }
        assertRefused("tensor 'w_v': F16 [1, 2147483647] needs 2147483647 elements in memory at once, and a Java array holds ");
    }
}
