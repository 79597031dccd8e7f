package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Both back ends keep to their bits in JVMs of their own, while methods move from the interpreter through C1 to C2, and back when
 * something comes up that C2 had not counted on: that is when miscompilations show.
 */
@Tag("once")
@Execution(ExecutionMode.CONCURRENT)
class WhileCompilingTest {

    private static final String STRESS = "-XX:+UnlockDiagnosticVMOptions";
    private static final List<List<String>> FLAGS = List.of(
            List.of(),
            // Straight from the interpreter to C2.
            List.of("-XX:-TieredCompilation"),
            // Each method waits for its code.
            List.of("-Xbatch", "-XX:MaxVectorSize=32"),
            // C2 schedules instructions, and takes its optimisations, in random order.
            List.of(STRESS, "-XX:+StressLCM", "-XX:+StressGCM", "-XX:+StressIGVN", "-XX:StressSeed=7"));

    static Stream<Arguments> jvms() {
        Set<Integer> features = SameBitsEverywhereTest.features();
        return features.stream().flatMap(feature -> FLAGS.stream().map(flags -> Arguments.of(feature, flags)));
    }

    @ParameterizedTest(name = "Java {0} {1}")
    @MethodSource("jvms")
    void theBitsStayTheSame(int feature, List<String> flags) throws Exception {
        Jdk jdk = Jdk.all().get(feature);
        assumeTrue(jdk != null, () -> "no JDK " + feature + " with the vector module was found");
        List<String> arguments = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector"));
        arguments.addAll(flags);
        List<String> output = jdk.run(arguments, MixedCalls.class);
        assertTrue(output.contains(MixedCalls.agreement(2)), output::toString);
    }
}
