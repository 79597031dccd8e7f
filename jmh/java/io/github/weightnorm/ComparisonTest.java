package io.github.weightnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.Results.Line;
import io.github.weightnorm.Results.Measurement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Tag("once")
class ComparisonTest {

    /** From the options to the file, with JVMs for each back end, and peers beside the first back end only. */
    @Test
    void measuresWhatIsAskedFor(@TempDir Path folder) throws IOException {
        Path json = folder.resolve("new/compare.json");
        int exit = new CommandLine(new Comparison()).execute("--kernels", "norms,in-place", "--shapes", "5x6:1", "--implementations",
                "vector,scalar,float-loop", "--forks", "1", "--seconds", "0.01", "--warmup", "0.01", "--json", json.toString());
        assertEquals(0, exit);
        Results results = Results.read(json);
        assertEquals(List.of("norms 5x6:1 vector copy float-loop", "norms 5x6:1 scalar copy", "in-place 5x6:1 vector copy float-loop",
                "in-place 5x6:1 scalar copy"), results.lines().stream().map(ComparisonTest::words).toList());
        assertTrue(results.lines().get(0).ours().description().startsWith("weightnorm, back end vector"));
        assertTrue(results.lines().get(1).ours().nanoseconds().minimum() > 0);
    }

    private static String words(Line line) {
        return line.kernel() + " " + line.workload() + " "
                + String.join(" ", line.measurements().stream().map(Measurement::implementation).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"--kernels;fold;kernel: fold (expected: one of norms, ", "--shapes;256x;shape: 256x (expected: sizes",
        "--shapes;0x3:0;shape[0]: 0 (expected: > 0)", "--implementations;cupy;implementation: cupy (expected: one of auto, vector,",
        "--implementations;float-loop;--implementations: [float-loop] (expected: auto, vector or scalar among them)"})
    void saysWhatIsWrong(String option, String value, String message) {
        StringWriter errors = new StringWriter();
        int exit = new CommandLine(new Comparison()).setErr(new PrintWriter(errors)).execute(option, value);
        assertTrue(exit != 0 && errors.toString().contains(message), errors::toString);
    }

    @Test
    void tellsTargetsHitFromMissed() {
        Measurement ours = new Measurement("auto", "weightnorm", flat(2000), flat(1));
        Measurement copy = new Measurement("copy", "copy", flat(1000), flat(2));
        Line missed = new Line(Kernel.RECONSTRUCT, "256x256x3:0", 196608, List.of(ours, copy, new Measurement("libtorch", "torch", flat(3000), flat(1.5))));
        Line hit = new Line(Kernel.RECONSTRUCT, "4096x4096:1", 16777216, List.of(ours, copy, new Measurement("libtorch", "torch", flat(9000), flat(4.5))));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ComparisonTable.print(Kernel.RECONSTRUCT, List.of(missed, hit), new PrintStream(out, true, StandardCharsets.UTF_8));
        List<String> rows = out.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains(":")).map(line -> line.replaceAll(" +", " ")).toList();
        assertTrue(rows.contains("| 256x256x3:0 | auto | 2.00 | 2.00 / 2.00 (2.00–2.00) | ≤ 1.45: missed | 1.50 / 1.50 (1.50–1.50) | ≥ 1.60: missed |"),
                rows::toString);
        assertTrue(rows.contains("| 4096x4096:1 | auto | 2.00 | 2.00 / 2.00 (2.00–2.00) | ≤ 2.00 | 4.50 / 4.50 (4.50–4.50) | ≥ 4.00 |"), rows::toString);
    }

    private static Summary flat(double value) {
        return new Summary(value, value, value, value);
    }
}
