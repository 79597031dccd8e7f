package io.github.weightnorm.checkpoint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.weightnorm.WeightNorm;
import io.github.weightnorm.checkpoint.CheckpointBuilder;
import io.github.weightnorm.checkpoint.DataType;
import io.github.weightnorm.checkpoint.SafetensorsFile;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
    private static final List<String> NO_BACK_END =
            List.of("-Dweightnorm.backend=none", "-cp", System.getProperty("java.class.path"));

    @TempDir
    Path directory;

    Path in;
    Path out;

    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    @BeforeEach
    void writeCheckpoint() throws IOException {
        in = new CheckpointBuilder().floats("bias", List.of(2L), 1, 2)
                .floats("conv.weight_g", List.of(2L, 1L, 1L), 5, 1).floats("conv.weight_v", List.of(2L, 1L, 2L), 3, 4, 0, 0)
                .floats("head.parametrizations.weight.original0", DataType.F32, List.of(), 26)
                .floats("head.parametrizations.weight.original1", DataType.F16, List.of(1L, 2L), 5000, 12000)
                .bytes("step", DataType.I64, List.of(), new byte[8])
                .write(directory.resolve("in.safetensors"));
        out = directory.resolve("out.safetensors");
    }

    @Test
    void foldPrintsALinePerWeightAndATotal() throws IOException {
        assertEquals(0, run("fold", in, out), this::errors);
        String[] lines = output().split("\\R");
        assertEquals("weight       shape       axis  channels  smallest norm  largest norm  zero channels", lines[0]);
        assertEquals("conv.weight  [2, 1, 2]      0         2        0.00000       5.00000              1", lines[1]);
        assertEquals("head.weight  [1, 2]     whole         1    13000.00000   13000.00000              0", lines[2]);
        assertEquals("", lines[3]);
        assertTrue(lines[4].matches("folded 2 weights, copied 2 other tensors: \\d+ bytes in \\d+ ms, backend "
                + WeightNorm.backend()),
                lines[4]);
        assertEquals(5, lines.length);
        assertEquals("", errors());
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            assertEquals(10, file.floats("head.weight")[0]);
        }
    }

    @Test
    void normsOfUnusualMagnitudeKeepTheirDigits() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(2L, 1L), 1.25e-12f, 3e30f).floats("w_g", List.of(2L, 1L), 1, 1).write(in);
        assertEquals(0, run("fold", in, out), this::errors);
        assertTrue(output().contains("1.25000e-12   3.00000e+30"), output());
    }

    @Test
    void quietFoldPrintsNothing() {
        assertEquals(0, run("fold", "--quiet", in, out));
        assertEquals("", output());
        assertEquals("", errors());
        assertTrue(Files.exists(out));
    }

    @Test
    void oneThreadWritesTheSame() throws IOException {
        Path other = directory.resolve("other.safetensors");
        assertEquals(0, run("fold", in, out), this::errors);
        assertEquals(0, run("fold", "--one-thread", in, other), this::errors);
        assertEquals(-1, Files.mismatch(out, other));
    }

    @ParameterizedTest
    @CsvSource({"f32, F32", "F64, F64", "bf16, BF16", "f16, F16"})
    void dtypeSetsTheTypeOfTheWeights(String option, DataType type) throws IOException {
        assertEquals(0, run("fold", "--dtype", option, in, out), this::errors);
        try (SafetensorsFile file = SafetensorsFile.open(out)) {
            assertEquals(2, file.tensors().stream().filter(t -> t.name().endsWith("weight") && t.dataType() == type).count());
        }
    }

    @Test
    void inspectTellsWhatThereIsToFoldFromTheHeaderAlone() {
        assertEquals(0, run("inspect", in), this::errors);
        assertEquals("""
                weight       shape       axis  channels  type        spelling
                conv.weight  [2, 1, 2]      0         2  F32         _g, _v
                head.weight  [1, 2]     whole         1  F16, g F32  original0, original1

                2 weights to fold, 2 other tensors (1 F32, 1 I64) of 16 bytes
                """.replace("\n", System.lineSeparator()), output());
    }

    @Test
    void inspectSaysWhenThereIsNothingToFold() throws IOException {
        new CheckpointBuilder().bytes("step", DataType.I64, List.of(), new byte[8]).write(in);
        assertEquals(0, run("inspect", in));
        assertEquals("nothing to fold, 1 other tensor (1 I64) of 8 bytes" + System.lineSeparator(), output());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--quiet", "--overwrite"})
    void nothingToFoldIsSaidAndExitsThree(String option) throws IOException {
        new CheckpointBuilder().bytes("step", DataType.I64, List.of(), new byte[8]).write(in);
        assertEquals(3, run("fold", option, in, out));
        assertOneLine(in + ": nothing to fold, so " + out + " was not written");
        assertFalse(Files.exists(out));
    }

    @Test
    void anExistingOutputIsRefusedWithTheWayOut() throws IOException {
        Files.writeString(out, "mine");
        assertEquals(1, run("fold", in, out));
        assertOneLine(out + ": exists already (--overwrite replaces it)");
        assertEquals(0, run("fold", "--overwrite", in, out));
    }

    @Test
    void nonFiniteChannelsAreRefusedWithTheWayOut() throws IOException {
        new CheckpointBuilder().floats("w_v", List.of(1L), Float.NaN).floats("w_g", List.of(1L), 1).write(in);
        assertEquals(1, run("fold", in, out));
        assertOneLine(in + ": weight 'w' from 'w_v': channel 0 holds NaN or infinity (--allow-non-finite or allowNonFinite(true) folds it)");
        assertEquals(0, run("fold", "--allow-non-finite", in, out));
    }

    @Test
    void theInputIsNoOutput() {
        assertEquals(1, run("fold", "--overwrite", in, in));
        assertOneLine(in + ": is the input itself, which is never replaced");
    }

    @Test
    void aMissingInputIsNamed() {
        for (String command : List.of("fold", "inspect")) {
            stderr.reset();
            Path absent = directory.resolve("absent");
            assertEquals(1, command.equals("fold") ? run(command, absent, out) : run(command, absent));
            assertOneLine(absent + ": no such file");
        }
    }

    @Test
    void aMissingDirectoryIsNamed() {
        Path deep = directory.resolve("absent/out");
        assertEquals(1, run("fold", in, deep));
        assertOneLine(deep + ": its directory does not exist");
    }

    @Test
    void aMalformedFileIsNamed() throws IOException {
        Files.writeString(in, "\u001b[2J and more");
        assertEquals(1, run("inspect", in));
        assertTrue(errors().startsWith("weightnorm: " + in + ": not a safetensors file: the header's length is "), errors());
        assertEquals(1, errors().lines().count());
    }

    @Test
    void controlCharactersOfAFileDoNotReachTheTerminal() throws IOException {
        new CheckpointBuilder().floats("\u001b[2J\n_v", List.of(1L), 1).floats("\u001b[2J\n_g", List.of(1L), 1).write(in);
        assertEquals(0, run("inspect", in));
        assertEquals(0, run("fold", in, out));
        assertEquals(2, output().lines().filter(line -> line.startsWith("\\u001b[2J\\u000a  [1]")).count(), output());
        assertFalse(output().contains("\u001b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fold", "fold IN", "fold IN OUT MORE", "inspect", "inspect IN OUT", "unfold IN OUT",
            "fold --dtype i8 IN OUT",
        "fold --dtype IN OUT", "fold --hurry IN OUT", "--hurry"})
    void wrongUsageExitsTwo(String line) {
        Object[] arguments = line.isEmpty() ? new Object[0] : line.split(" ");
        assertEquals(2, run(arguments));
        assertTrue(errors().startsWith("weightnorm: "), errors());
        assertTrue(errors().stripTrailing().endsWith(" --help)"), errors());
        assertEquals(1, errors().lines().count(), errors());
        assertEquals("", output());
    }

    @Test
    void helpExplainsExitCodes() {
        assertEquals(0, run("--help"));
        assertTrue(output().contains("fold") && output().contains("inspect") && output().contains("nothing to fold"), output());
        assertEquals(0, run("fold", "--help"));
        assertTrue(output().contains("--allow-non-finite"), output());
    }

    @Test
    void versionNamesTheTool() {
        assertEquals(0, run("--version"));
        assertTrue(output().startsWith("weightnorm "), output());
    }

    @Test
    void inspectNeedsNoBackEnd() throws IOException, InterruptedException {
        assertEquals(0, java(NO_BACK_END, "inspect", in), this::errors);
    }

    @Test
    void aBackEndThatCannotBeHadIsSaidInOneLine() throws IOException, InterruptedException {
        assertEquals(1, java(NO_BACK_END, "fold", in, out));
        assertOneLine("weightnorm.backend: none (expected: auto, scalar or vector)");
        assertFalse(Files.exists(out));
    }

    @Test
    void aMissingLibraryIsNamedInOneLine() throws Exception {
        Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        assertEquals(1, java(List.of("-cp", classes.toString()), "inspect", in));
        assertOneLine("the command line needs picocli, which this JVM runs without: add info.picocli:picocli to the class path, or run "
                + "weightnorm-cli.jar, which holds it");
        stderr.reset();
        Path picocli = Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        assertEquals(1, java(List.of("-cp", classes + File.pathSeparator + picocli), "inspect", in));
        assertTrue(errors().startsWith("weightnorm: checkpoints need jackson-core, which this JVM runs without: add "), errors());
        assertEquals(1, errors().lines().count(), errors());
    }

    @Test
    void otherFailuresAreSaidInPlainWords() {
        assertEquals("x: permission denied", Failures.explain(new AccessDeniedException("x")));
        assertEquals("not enough memory: run java with a larger -Xmx", Failures.explain(new OutOfMemoryError("Java heap space")));
        assertEquals("unexpected failure, please report it: java.lang.ArithmeticException: / by zero",
                Failures.explain(new ArithmeticException("/ by zero")));
    }

    private int run(Object... arguments) {
        String[] strings = List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
        return Main.run(strings, new PrintStream(stdout, true, StandardCharsets.UTF_8), new PrintStream(stderr, true,
                StandardCharsets.UTF_8));
    }

    /** Runs the command in a JVM of its own. */
    private int java(List<String> flags, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.add(Main.class.getName());
        List.of(arguments).forEach(argument -> command.add(argument.toString()));
        Path errorFile = directory.resolve("stderr");
        Process process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errorFile.toFile()).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        stderr.write(Files.readAllBytes(errorFile));
        return process.exitValue();
    }

    private String output() {
        return stdout.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return stderr.toString(StandardCharsets.UTF_8);
    }

    private void assertOneLine(String expected) {
        assertEquals("weightnorm: " + expected + System.lineSeparator(), errors());
    }
}
