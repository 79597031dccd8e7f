package io.github.weightnorm.checkpoint;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The format, rule by rule, beside the reference implementation: the table of {@code docs/safetensors.md}.
 *
 * <p>{@code src/test/scripts/reference_reader.py rules} checks the reference's column against the library itself.
 */
class FormatRulesTest {
    private static final String REFUSED = "refuses";

    @TempDir
    Path directory;

    /** A line of the table. */
    record Rule(String group, String name, String reference, String ours, byte[] file) {
        static Rule of(String line) {
            String[] fields = line.split("\t", -1);
            byte[] header = bytes(fields[6]);
            byte[] data = new byte[Integer.parseInt(fields[5])];
            byte[] length = fields[4].equals("none") ? new byte[0]
                    : CheckpointBuilder.length(fields[4].equals("=") ? header.length : Long.parseUnsignedLong(fields[4]));
            return new Rule(fields[0], fields[1], fields[2], fields[3], CheckpointBuilder.concatenation(length, header, data));
        }

        private static byte[] bytes(String escaped) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int i = 0; i < escaped.length(); i++) {
                if (escaped.charAt(i) == '%') {
                    bytes.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                    i += 2;
                } else {
                    bytes.write(escaped.charAt(i));
                }
            }
            return bytes.toByteArray();
        }

        @Override
        public String toString() {
            return group + ": " + name;
        }
    }

    static Stream<Rule> rules() throws IOException {
        try (InputStream table = FormatRulesTest.class.getResourceAsStream("/format/rules.tsv")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.startsWith("#"))
                    .map(Rule::of).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aFileIsAcceptedOrRefusedAsTheTableHasIt(Rule rule) throws IOException {
        Path file = Files.write(directory.resolve("x.safetensors"), rule.file());
        if (rule.ours().startsWith(REFUSED)) {
            assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file).close());
        } else {
            assertEquals("accepts", rule.ours());
            assertDoesNotThrow(() -> SafetensorsFile.open(file).close());
        }
    }

    @Test
    void nothingIsAcceptedThatTheReferenceRefusesAndWhatIsStricterHasAReason() throws IOException {
        List<Rule> different = rules().filter(rule -> !rule.ours().equals(rule.reference())).toList();
        for (Rule rule : different) {
            assertEquals("accepts", rule.reference(), rule::toString);
            assertTrue(rule.ours().startsWith(REFUSED + ": "), rule::toString);
        }
        assertTrue(different.size() < 10, different::toString);
    }

    @Test
    void aTensorOfEveryTypePassesThroughByteForByte() throws IOException {
        CheckpointBuilder builder = new CheckpointBuilder();
        byte[] bytes = {0, 1, 2, 3, 4, 5, 6, 7, -128, -1, 127, 64, 10, 11, 12, 13};
        for (DataType type : DataType.values()) {
            byte[] data = Arrays.copyOf(bytes, type.bits() >= 8 ? 16 : type.bits());
            builder.bytes(type.name(), type, List.of(data.length * 8L / type.bits()), data);
        }
        Path in = builder.floats("w_v", List.of(1L, 2L), 3, 4).floats("w_g", List.of(1L, 1L), 5)
                .write(directory.resolve("in.safetensors"));
        Path out = directory.resolve("out.safetensors");
        CheckpointFolder.defaults().fold(in, out);
        byte[] written = Files.readAllBytes(out);
        try (SafetensorsFile before = SafetensorsFile.open(in); SafetensorsFile after = SafetensorsFile.open(out)) {
            assertEquals(DataType.values().length + 1, after.tensors().size());
            byte[] read = Files.readAllBytes(in);
            for (DataType type : DataType.values()) {
                TensorInfo source = before.tensorsByName().get(type.name());
                TensorInfo copy = after.tensorsByName().get(type.name());
                assertEquals(type, copy.dataType());
                assertEquals(source.shape(), copy.shape());
                assertEquals(data(read, before, source), data(written, after, copy), type::name);
                assertEquals(0, copy.begin() * 8 % type.bits(), type::name);
            }
        }
    }

    private static List<Byte> data(byte[] file, SafetensorsFile checkpoint, TensorInfo tensor) {
        List<TensorInfo> tensors = checkpoint.tensors();
        int begin = (int) (file.length - tensors.get(tensors.size() - 1).end() + tensor.begin());
        return Stream.iterate(begin, at -> at + 1).limit(tensor.byteCount()).map(at -> file[at]).toList();
    }
}
