package io.github.weightnorm;

import io.github.weightnorm.Accuracy.Quantity;
import io.github.weightnorm.checkpoint.SafetensorsFile;
import io.github.weightnorm.properties.Layer;
import io.github.weightnorm.properties.Numbers;
import io.github.weightnorm.properties.Reference;
import io.github.weightnorm.properties.WeightCase;
import io.github.weightnorm.properties.WeightNormKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The tables of {@code docs/accuracy.md}: as a program, it writes them between that file's markers. Those with libtorch, whose results depend
 * on the machine, are measured where it is on the class path, and left alone elsewhere.
 */
final class AccuracyTable {

    private static final int REPETITIONS = 5;

    private AccuracyTable() {}

    /** Writes the tables into the file that is named. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        String text = Files.readString(file);
        text = replace(text, "accuracy-table", distributions() + "\n" + torch());
        Optional<Implementation> libtorch = Implementation.all().stream().filter(peer -> peer.name().equals("libtorch")).findFirst();
        if (libtorch.isPresent()) {
            text = replace(text, "libtorch-table", peer(libtorch.get()));
        }
        Files.writeString(file, text);
    }

    private static String replace(String text, String marker, String table) {
        int from = text.indexOf("<!-- " + marker + " -->");
        int to = text.indexOf("<!-- /" + marker + " -->", from);
        if (from < 0 || to < 0) {
            throw new IllegalArgumentException("no <!-- " + marker + " --> and its end in the file");
        }
        return text.substring(0, text.indexOf('\n', from)) + "\n\n" + table + "\n" + text.substring(to);
    }

    private static String distributions() {
        Quantity[] quantities = {Quantity.NORM, Quantity.SCALE, Quantity.DIRECTION, Quantity.WEIGHT};
        WeightNormKernel loop = new ImplementationKernel(new FloatLoop());
        StringBuilder table = head("float", 2, quantities);
        for (Numbers numbers : Numbers.values()) {
            List<WeightCase> cases = Accuracy.cases(numbers, REPETITIONS);
            line(table, name(numbers), quantities, measure(new LibraryKernel(Backend.kernels()), cases), measure(loop, cases));
        }
        return table.toString();
    }

    private static StringBuilder head(String others, int columns, Quantity... quantities) {
        StringBuilder table = new StringBuilder("| elements |");
        for (Quantity quantity : quantities) {
            table.append(" ").append(quantity.name().toLowerCase(Locale.ROOT)).append(" | ").append(others).append(" |");
        }
        return table.append("\n| --- |").append(" --- |".repeat(quantities.length * columns)).append('\n');
    }

    private static void line(StringBuilder table, String elements, Quantity[] quantities, Accuracy... columns) {
        table.append("| ").append(elements).append(" |");
        for (Quantity quantity : quantities) {
            for (Accuracy column : columns) {
                table.append(' ').append(format(column.worst().get(quantity))).append(" |");
            }
        }
        table.append('\n');
    }

    private static String name(Numbers numbers) {
        return numbers.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Accuracy measure(WeightNormKernel kernel, List<WeightCase> cases) {
        Accuracy accuracy = new Accuracy(kernel);
        cases.forEach(accuracy::measure);
        return accuracy;
    }

    /** A peer that computes here and now, on the same cases. */
    private static String peer(Implementation peer) throws IOException {
        WeightNormKernel kernel = new ImplementationKernel(peer);
        Accuracy fresh = new Accuracy(kernel);
        fixtures(new Accuracy(null), fresh);
        WeightNormKernel loop = new ImplementationKernel(new FloatLoop());
        Quantity[] quantities = {Quantity.NORM, Quantity.WEIGHT};
        StringBuilder table = head("libtorch | float", 3, quantities);
        for (Numbers numbers : Numbers.values()) {
            // Its sums differ by layout, and so does their error.
            Map<Boolean, List<WeightCase>> byLayout = Accuracy.cases(numbers, REPETITIONS).stream()
                    .collect(Collectors.partitioningBy(c -> c.layer().shape()[0] == 1));
            for (boolean rows : new boolean[] {true, false}) {
                List<WeightCase> cases = byLayout.get(rows);
                line(table, name(numbers) + (rows ? ", rows" : ", other axes"), quantities,
                        measure(new LibraryKernel(Backend.kernels()), cases), measure(kernel, cases), measure(loop, cases));
            }
        }
        return table + """

                On the 18 layers above, its norms are within %s ulp, and its weights within %s.
                Measured with %s, on %s, %s.
                """.formatted(format(fresh.worst().get(Quantity.NORM)), format(fresh.worst().get(Quantity.WEIGHT)),
                peer.description(), Environment.describe(), LocalDate.now());
    }

    /** PyTorch's own results, as the fixtures hold them, with this library's and the loop's for the same v and g. */
    private static String torch() throws IOException {
        Accuracy torch = new Accuracy(null);
        Accuracy here = new Accuracy(new LibraryKernel(Backend.kernels()));
        Accuracy loop = new Accuracy(new ImplementationKernel(new FloatLoop()));
        int weights = fixtures(torch, here, loop);
        return """
                | %,d weights of 18 layers, as PyTorch initialises them | norm | weight |
                | --- | --- | --- |
                | here | %s | %s |
                | plain float loop | %s | %s |
                | PyTorch 1.13.1, float32, CPU | %s | %s |
                """.formatted(weights, format(here.worst().get(Quantity.NORM)), format(here.worst().get(Quantity.WEIGHT)),
                format(loop.worst().get(Quantity.NORM)), format(loop.worst().get(Quantity.WEIGHT)),
                format(torch.worst().get(Quantity.NORM)), format(torch.worst().get(Quantity.WEIGHT)));
    }

    /** Compares what PyTorch wrote to the fixtures, and what others compute from the same v and g; returns the number of weights. */
    private static int fixtures(Accuracy written, Accuracy... computed) throws IOException {
        int weights = 0;
        try (SafetensorsFile file = SafetensorsFile.open(Fixtures.path("weight_norm_cases.safetensors"))) {
            for (String name : file.metadata().get("cases").split(",")) {
                int[] shape = Fixtures.shape(file, name + ".v");
                String dim = file.metadata().get(name + ".dim");
                Layer layer = new Layer(shape, dim.equals("none") ? Layer.WHOLE : Integer.parseInt(dim), 0);
                float[] v = file.floats(name + ".v");
                float[] g = file.floats(name + ".g");
                int[] channels = Reference.channels(shape, layer.keptAxis());
                double[] trueNorms = Reference.norms(v, channels, g.length, 0);
                double[] trueWeights = Reference.weights(v, g, trueNorms, channels);
                written.compare(Quantity.NORM, trueNorms, file.floats(name + ".norm"));
                written.compare(Quantity.WEIGHT, trueWeights, file.floats(name + ".w"));
                for (Accuracy accuracy : computed) {
                    accuracy.measure(layer, v, g, trueNorms, trueWeights);
                }
                weights += v.length;
            }
        }
        return weights;
    }

    private static String format(double ulps) {
        if (Double.isNaN(ulps)) {
            return "NaN";
        }
        return ulps < 10 ? String.format(Locale.ROOT, "%.4f", ulps) : ulps < 1e5 ? String.format(Locale.ROOT, "%.0f", ulps) : "wrong";
    }
}
