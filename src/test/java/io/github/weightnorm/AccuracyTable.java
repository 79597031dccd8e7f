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
import java.util.Locale;

/** The tables of {@code docs/accuracy.md}: as a program, it writes them between that file's markers. */
final class AccuracyTable {

    private static final String BEGIN = "<!-- accuracy-table -->\n";
    private static final String END = "<!-- /accuracy-table -->\n";
    private static final int REPETITIONS = 5;

    private AccuracyTable() {}

    /** Writes the tables into the file that is named. */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        String text = Files.readString(file);
        String before = text.substring(0, text.indexOf(BEGIN) + BEGIN.length());
        Files.writeString(file, before + "\n" + distributions() + "\n" + torch() + "\n" + text.substring(text.indexOf(END)));
    }

    private static String distributions() {
        StringBuilder table = new StringBuilder("""
                | elements | norm | float | scale | float | direction | float | weight | float |
                | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                """);
        for (Numbers numbers : Numbers.values()) {
            Accuracy here = measure(new LibraryKernel(Backend.kernels()), numbers);
            Accuracy loop = measure(new FloatLoop(), numbers);
            table.append("| ").append(numbers.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            for (Quantity quantity : new Quantity[] {Quantity.NORM, Quantity.SCALE, Quantity.DIRECTION, Quantity.WEIGHT}) {
                table.append(" | ").append(format(here.worst().get(quantity))).append(" | ").append(format(loop.worst().get(quantity)));
            }
            table.append(" |\n");
        }
        return table.toString();
    }

    private static Accuracy measure(WeightNormKernel kernel, Numbers numbers) {
        Accuracy accuracy = new Accuracy(kernel);
        for (WeightCase c : Accuracy.cases(numbers, REPETITIONS)) {
            accuracy.measure(c);
        }
        return accuracy;
    }

    /** PyTorch's own results, as the fixtures hold them, with this library's and the loop's for the same v and g. */
    private static String torch() throws IOException {
        Accuracy torch = new Accuracy(null);
        Accuracy here = new Accuracy(new LibraryKernel(Backend.kernels()));
        Accuracy loop = new Accuracy(new FloatLoop());
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
                torch.compare(Quantity.NORM, trueNorms, file.floats(name + ".norm"));
                torch.compare(Quantity.WEIGHT, trueWeights, file.floats(name + ".w"));
                here.measure(layer, v, g, trueNorms, trueWeights);
                loop.measure(layer, v, g, trueNorms, trueWeights);
                weights += v.length;
            }
        }
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

    private static String format(double ulps) {
        if (Double.isNaN(ulps)) {
            return "NaN";
        }
        return ulps < 10 ? String.format(Locale.ROOT, "%.4f", ulps) : ulps < 1e5 ? String.format(Locale.ROOT, "%.0f", ulps) : "wrong";
    }
}
