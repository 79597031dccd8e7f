package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The models have as many normed tensors, weights and channels as their checkpoints. */
@Tag("once")
class ModelTest {

    @ParameterizedTest
    @CsvSource({"hifi-gan-v1, 78, 13916384, 10113", "dac, 78, 76498016, 31113", "snac, 71, 19695072, 19337", "kokoro, 89, 57636300, 32154",
        "wav2vec2, 1, 4718592, 128", "dino-head, 1, 16777216, 65536"})
    void hasTheCheckpointsTotals(String name, int tensors, long weights, int channels) {
        Workload model = Workload.named(name);
        assertEquals(List.of(tensors, weights, channels), List.of(model.layers().size(), model.size(),
                model.layers().stream().mapToInt(WeightNorm::channelCount).sum()));
    }
}
