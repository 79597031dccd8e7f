package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The golden digests from every kind of JVM, each forked: Java 17 and 25, each width, other instructions, no compiler, half a compiler,
 * no module. What this machine lacks is skipped, by name.
 */
@Tag("once")
@Execution(ExecutionMode.CONCURRENT)
class SameBitsEverywhereTest {

    private static final List<String> VECTOR = List.of("--add-modules", "jdk.incubator.vector", "-Dweightnorm.backend=vector");
    private static final List<String> FLAGS = List.of("-XX:MaxVectorSize=64", "-XX:MaxVectorSize=32", "-XX:MaxVectorSize=16",
            "-XX:UseAVX=3", "-XX:UseAVX=2", "-XX:UseAVX=1", "-XX:UseAVX=0", "-XX:-UseFMA", "-Xint", "-XX:TieredStopAtLevel=1",
            "-XX:-TieredCompilation");
    /** The width that a flag is there to try. */
    private static final Map<String, Integer> WIDTHS = Map.of("-XX:MaxVectorSize=64", 512, "-XX:MaxVectorSize=32", 256,
            "-XX:UseAVX=3", 512, "-XX:UseAVX=2", 256);

    static Set<Integer> features() {
        return new TreeSet<>(List.of(17, 25, Runtime.version().feature()));
    }

    static Stream<Arguments> vectorJvms() {
        return features().stream().flatMap(feature -> FLAGS.stream().map(flag -> Arguments.of(feature, flag)));
    }

    @ParameterizedTest(name = "Java {0} {1}")
    @MethodSource("vectorJvms")
    void withTheVectorBackEndOf(int feature, String flag) throws Exception {
        String architecture = System.getProperty("os.arch");
        assumeFalse(flag.contains("AVX") && !architecture.equals("amd64"), () -> flag + " is no flag of " + architecture);
        int bits = Integer.parseInt(backEndThatAgrees(feature, VECTOR, flag).replaceAll("vector (\\d+)-bit", "$1"));
        int meant = WIDTHS.getOrDefault(flag, 0);
        assumeTrue(bits >= meant, () -> "this CPU's vectors have " + bits + " bits, not " + meant);
    }

    @ParameterizedTest(name = "Java {0}")
    @MethodSource("features")
    void withoutTheModuleOf(int feature) throws Exception {
        assertEquals("scalar", backEndThatAgrees(feature, List.of()));
        assertEquals("scalar", backEndThatAgrees(feature, List.of("-Xint")));
    }

    /** What automatic choice comes to where C2 is missing. */
    @ParameterizedTest(name = "Java {0}")
    @MethodSource("features")
    void automaticallyScalarWithoutC2Of(int feature) throws Exception {
        List<String> module = List.of("--add-modules", "jdk.incubator.vector");
        assertEquals("scalar", backEndThatAgrees(feature, module, "-Xint"));
        assertEquals("scalar", backEndThatAgrees(feature, module, "-XX:TieredStopAtLevel=1"));
    }

    /** Fails unless such a JVM makes the golden digests, and tells which back end it made them on. */
    private static String backEndThatAgrees(int feature, List<String> flags, String... further) throws Exception {
        Jdk jdk = Jdk.all().get(feature);
        assumeTrue(jdk != null, () -> "no JDK " + feature + " with the vector module was found");
        List<String> arguments = new ArrayList<>(flags);
        arguments.addAll(List.of(further));
        List<String> output = jdk.run(arguments, KernelDigest.class);
        GoldenDigestTest.assertGolden(linesOf(output, KernelDigest.LINE));
        return linesOf(output, KernelDigest.BACK_END).get(0);
    }

    private static List<String> linesOf(List<String> output, String prefix) {
        return output.stream().filter(line -> line.startsWith(prefix)).map(line -> line.substring(prefix.length())).toList();
    }
}
