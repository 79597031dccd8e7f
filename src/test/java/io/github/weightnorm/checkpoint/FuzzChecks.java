package io.github.weightnorm.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What must hold for any bytes at all, in the form that a fuzzer calls: whatever it throws is a finding.
 *
 * <p>The long run is {@code mvn -q -Dfuzz=header} or {@code -Dfuzz=fold}; {@link FuzzCorpusTest} repeats what it came by.
 */
public final class FuzzChecks {
    private static final Path ANY_FILE = Path.of("x.safetensors");
    private static final int LONGEST_MESSAGE = 4000;
    /** What a repaired file may hold: enough for any path through the code, little enough for a thousand files a second. */
    private static final long MOST_DATA = 1 << 14;
    private static final Pattern OFFSETS = Pattern.compile("\"data_offsets\"\\s*:\\s*\\[\\s*\\d{1,9}\\s*,\\s*(\\d{1,9})\\s*]");
    private static final CheckpointFolder FOLDER = CheckpointFolder.defaults();
    /** No power of two, and fewer than most rows of the seeds hold. */
    private static final int SMALL_CHUNK = 5;

    private FuzzChecks() {}

    /** A header: 8 bytes that say how much data follows it in the file, as the file's own 8 bytes say how long it is, and JSON. */
    public static void header(byte[] input) throws IOException {
        if (input.length < Header.LENGTH_BYTES) {
            return;
        }
        long dataBytes = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN).getLong(0) & Long.MAX_VALUE;
        byte[] json = Arrays.copyOfRange(input, Header.LENGTH_BYTES, input.length);
        Header header;
        try {
            header = HeaderParser.parse(ANY_FILE, json, dataBytes);
        } catch (CheckpointException refusal) {
            checkMessage(refusal);
            return;
        }
        checkEveryByteHasItsTensor(header, dataBytes);
        byte[] file = header.encode().array();
        check(file.length % Header.LENGTH_BYTES == 0, "the data begins at a multiple of 8");
        Header again = HeaderParser.parse(ANY_FILE, Arrays.copyOfRange(file, Header.LENGTH_BYTES, file.length), dataBytes);
        check(again.equals(header), "what is accepted survives the way to bytes and back");
        try {
            FoldPlan plan = PairFinder.find(ANY_FILE, byName(header));
            check(plan.others().size() + 2 * plan.pairs().size() >= header.tensors().size(), "no tensor is forgotten");
        } catch (CheckpointException refusal) {
            checkMessage(refusal);
        }
    }

    /** A file: as it is, and once more with a header length and an amount of data that fit, which a fuzzer seldom hits. */
    public static void fold(byte[] input, Path directory) throws IOException {
        foldFile(input, directory);
        byte[] repaired = repaired(input);
        if (!Arrays.equals(input, repaired)) {
            foldFile(repaired, directory);
        }
    }

    private static void foldFile(byte[] bytes, Path directory) throws IOException {
        Path in = Files.write(directory.resolve("in"), bytes);
        Path out = directory.resolve("out");
        Files.deleteIfExists(out);
        CheckpointFolder folder = FOLDER.allowNonFinite(bytes.length % 2 == 0);
        FoldReport report;
        try {
            report = folder.fold(in, out);
        } catch (CheckpointException refusal) {
            checkMessage(refusal);
            checkFiles(directory, "in");
            return;
        }
        check(Arrays.equals(bytes, Files.readAllBytes(in)), "the input is only read");
        if (report.weights().isEmpty()) {
            checkFiles(directory, "in");
            return;
        }
        checkFiles(directory, "in", "out");
        checkFolded(in, out, report);
        Path byPieces = directory.resolve("by pieces");
        folder.chunkElements(SMALL_CHUNK).fold(in, byPieces);
        check(Files.mismatch(out, byPieces) < 0, "a weight is the same however many rows are folded at once");
        folder.dataType(DataType.F32).overwrite(true).fold(in, byPieces);
        checkReadInMemory(in, byPieces, bytes.length % 2 == 0);
        Files.delete(byPieces);
    }

    private static void checkReadInMemory(Path in, Path out, boolean allowNonFinite) throws IOException {
        try (FoldedCheckpoint inMemory = FoldedCheckpoint.open(in).allowNonFinite(allowNonFinite);
                SafetensorsFile folded = SafetensorsFile.open(out)) {
            check(inMemory.names().equals(folded.tensorsByName().keySet()), "in memory there are the tensors of the folded file");
            for (TensorInfo tensor : folded.tensors()) {
                if (tensor.dataType() == DataType.F32) {
                    check(Arrays.equals(folded.floats(tensor.name()), inMemory.floats(tensor.name())), "and they are the same");
                }
            }
        }
    }

    private static void checkFolded(Path in, Path out, FoldReport report) throws IOException {
        check(Files.size(out) == report.bytes(), "the report tells the size");
        try (SafetensorsFile before = SafetensorsFile.open(in); SafetensorsFile after = SafetensorsFile.open(out)) {
            FoldPlan plan = PairFinder.find(in, before.tensorsByName());
            check(after.header().metadata().equals(before.header().metadata()), "the metadata passes through");
            check(after.tensors().size() == plan.pairs().size() + plan.others().size(), "a tensor for each");
            byte[] dataBefore = data(in, before);
            byte[] dataAfter = data(out, after);
            for (TensorInfo tensor : plan.others()) {
                TensorInfo copy = after.tensorsByName().get(tensor.name());
                check(copy.dataType() == tensor.dataType() && copy.shape().equals(tensor.shape()), "a copy looks the same");
                check(Arrays.equals(bytes(dataBefore, tensor), bytes(dataAfter, copy)), "a copy holds the same bytes");
            }
            for (WeightPair pair : plan.pairs()) {
                TensorInfo weight = after.tensorsByName().get(pair.name());
                check(weight.shape().equals(pair.direction().shape()), "a weight has the direction's shape");
                check(weight.dataType() == pair.direction().dataType(), "a weight has the direction's type");
                checkWeight(pair, before.floats(pair.direction().name()), before.floats(pair.gain().name()),
                        after.floats(pair.name()));
            }
        }
    }

    /** Against the formula, written as plainly as can be. */
    private static void checkWeight(WeightPair pair, float[] v, float[] g, float[] w) {
        List<Long> shape = pair.direction().shape();
        int inner = v.length;
        for (int axis = 0; axis <= pair.keptAxis(); axis++) {
            inner /= shape.get(axis).intValue();
        }
        double[] sums = new double[g.length];
        for (int i = 0; i < v.length; i++) {
            sums[i / inner % g.length] += (double) v[i] * v[i];
        }
        double unit = pair.direction().dataType() == DataType.BF16 ? 0x1p-7
                : pair.direction().dataType() == DataType.F16 ? 0x1p-10 : 0x1p-22;
        double smallest = pair.direction().dataType() == DataType.F16 ? 0x1p-24
                : pair.direction().dataType() == DataType.BF16 ? 0x1p-133 : Float.MIN_VALUE;
        for (int i = 0; i < v.length; i++) {
            int channel = i / inner % g.length;
            double expected = sums[channel] == 0 ? 0 : v[i] * (g[channel] / Math.sqrt(sums[channel]));
            boolean same = Double.isFinite(expected)
                    ? Math.abs(w[i] - expected) <= unit * Math.abs(expected) + smallest || Double.isInfinite((float) expected)
                    : !Float.isFinite(w[i]) || expected != expected;
            check(same, "element " + i + " is g·v/‖v‖: " + expected + ", found " + w[i]);
        }
    }

    private static void checkEveryByteHasItsTensor(Header header, long dataBytes) {
        long end = 0;
        Set<String> names = new HashSet<>();
        for (TensorInfo tensor : header.tensors()) {
            check(tensor.begin() == end && tensor.end() >= end, "no hole and no overlap");
            check(tensor.byteCount() * 8 == tensor.elementCount() * tensor.dataType().bits(), "the size is that of the shape");
            check(names.add(tensor.name()), "names differ");
            end = tensor.end();
        }
        check(end == dataBytes, "all data belongs to a tensor");
    }

    private static void checkMessage(CheckpointException refusal) {
        String message = refusal.getMessage();
        check(message.length() < LONGEST_MESSAGE, "a message is short: " + message.length());
        check(message.equals(Printable.of(message, LONGEST_MESSAGE)), "a message is one printable line");
    }

    private static void checkFiles(Path directory, String... expected) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            Set<String> names = files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
            check(names.equals(Set.of(expected)), "no other file is left: " + names);
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private static Map<String, TensorInfo> byName(Header header) {
        return header.tensors().stream().collect(Collectors.toMap(TensorInfo::name, tensor -> tensor));
    }

    private static byte[] data(Path file, SafetensorsFile checkpoint) throws IOException {
        List<TensorInfo> tensors = checkpoint.tensors();
        byte[] bytes = Files.readAllBytes(file);
        long dataBytes = tensors.get(tensors.size() - 1).end();
        return Arrays.copyOfRange(bytes, (int) (bytes.length - dataBytes), bytes.length);
    }

    private static byte[] bytes(byte[] data, TensorInfo tensor) {
        return Arrays.copyOfRange(data, (int) tensor.begin(), (int) tensor.end());
    }

    /** The same JSON and the same data, as far as they go, in a file whose lengths fit. */
    private static byte[] repaired(byte[] input) {
        int begin = Math.min(Header.LENGTH_BYTES, input.length);
        int end = endOfObject(input, begin);
        String json = new String(input, begin, end - begin, StandardCharsets.ISO_8859_1);
        long dataBytes = 0;
        for (Matcher offsets = OFFSETS.matcher(json); offsets.find(); ) {
            dataBytes = Math.max(dataBytes, Long.parseLong(offsets.group(1)));
        }
        byte[] data = new byte[(int) Math.min(dataBytes, MOST_DATA)];
        for (int i = 0; i < data.length && end < input.length; i++) {
            data[i] = input[end + i % (input.length - end)];
        }
        return CheckpointBuilder.concatenation(CheckpointBuilder.length(end - begin),
                Arrays.copyOfRange(input, begin, end), data);
    }

    private static int endOfObject(byte[] input, int begin) {
        int depth = 0;
        boolean inString = false;
        for (int i = begin; i < input.length; i++) {
            if (inString) {
                inString = input[i] != '"';
                i += input[i] == '\\' ? 1 : 0;
            } else if (input[i] == '"') {
                inString = true;
            } else if (input[i] == '{') {
                depth++;
            } else if (input[i] == '}' && --depth == 0) {
                return i + 1;
            }
        }
        return input.length;
    }
}
