package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bits from every kind of JVM, each forked: other instructions, no compiler, half a compiler, no module. */
class JvmAgreementTest {

    @Test
    void withoutTheModule() throws Exception {
        assertEquals(expected() + " scalar", digest(List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseSerialGC", "-XX:UseAVX=0", "-XX:UseAVX=1", "-XX:UseAVX=2", "-XX:-UseFMA", "-XX:MaxVectorSize=16",
        "-Xint", "-XX:TieredStopAtLevel=1", "-Xcomp"})
    void withTheVectorBackEndAnd(String flag) throws Exception {
        assumeFalse(flag.contains("AVX") && !System.getProperty("os.arch").equals("amd64"), "not a flag of this CPU");
        String digest = digest(List.of("--add-modules", "jdk.incubator.vector", "-Dweightnorm.backend=vector", flag));
        assertEquals(expected() + " vector", digest.replaceAll(" \\d+-bit$", ""));
    }

    /** What automatic choice comes to where C2 is missing. */
    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:TieredStopAtLevel=1"})
    void automaticallyScalarWithout(String flag) throws Exception {
        assertEquals(expected() + " scalar", digest(List.of("--add-modules", "jdk.incubator.vector", flag)));
    }

    private static String expected() {
        return Long.toHexString(KernelDigest.of(new ScalarKernels()));
    }

    private static String digest(List<String> flags) throws IOException, InterruptedException, URISyntaxException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(home(WeightNorm.class) + System.getProperty("path.separator") + home(KernelDigest.class));
        command.add(KernelDigest.class.getName());
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        assertEquals(0, process.waitFor(), () -> command + " printed " + output);
        return output.lines().reduce((first, last) -> last).orElse("");
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
