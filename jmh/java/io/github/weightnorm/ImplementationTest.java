package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is measured computes what it should: this library, the loop, and in the profile {@code peers} those. */
class ImplementationTest {

    private static final List<WeightNorm> LAYERS = List.of(WeightNorm.conv1d(6, 1, 7), WeightNorm.linear(5, 100),
            WeightNorm.of(new int[] {40, 5}, 1), WeightNorm.of(new int[] {9, 6, 11}, 1), WeightNorm.whole(3, 50));

    @ParameterizedTest
    @EnumSource
    void everyImplementationIsRight(Kernel kernel) {
        for (Implementation implementation : Implementation.all()) {
            // One back end a JVM: the one that it has.
            if (implementation instanceof Library && implementation != Library.AUTO) {
                continue;
            }
            for (WeightNorm layer : LAYERS) {
                if (implementation.supports(kernel, layer)) {
                    new Workload(layer.toString(), List.of(layer)).checked(kernel, List.of(implementation)).get(implementation).close();
                }
            }
        }
    }

    /** The check works: it sees an implementation that leaves the last element out. */
    @ParameterizedTest
    @EnumSource
    void theCheckSeesAWrongElement(Kernel kernel) {
        Task task = Task.of(WeightNorm.conv1d(6, 3, 7), kernel);
        double[][] truth = task.truth(kernel);
        truth[0][truth[0].length - 1] += 0.01;
        Implementation loop = new FloatLoop();
        Implementation.Call call = loop.prepare(kernel, task);
        call.run();
        Exception wrong = assertThrows(IllegalStateException.class, () -> task.check(loop, kernel, call, truth));
        assertTrue(wrong.getMessage().startsWith("float-loop (plain loops, all in float), " + kernel + "[0] of WeightNorm"), wrong::getMessage);
    }
}
