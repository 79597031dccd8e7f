package io.github.weightnorm;

import io.github.weightnorm.ColdStart.Curve;
import io.github.weightnorm.ColdStart.Curves;
import io.github.weightnorm.Results.Line;
import io.github.weightnorm.Results.Measurement;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Rectangle;
import java.awt.geom.Ellipse2D;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.Plot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.chart.ui.VerticalAlignment;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;
import org.jfree.svg.SVGGraphics2D;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code charts}: draws what the other commands measured. */
@Command(name = "charts", mixinStandardHelpOptions = true, sortOptions = false, usageHelpAutoWidth = true,
        description = "Draws charts (SVG) of the files that compare and coldstart wrote; those that are missing are left out.")
final class Charts implements Callable<Integer> {

    private static final int WIDTH = 860;
    private static final Color GRID = new Color(0xdddddd);
    private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Map<String, Color> COLORS = Map.of(label("vector"), new Color(0x0b6e4f), label("auto"), new Color(0x2f6fd0),
            label("scalar"), new Color(0x4fb286), label("float-loop"), new Color(0xedae49), label("copy"), new Color(0x888888),
            label("libtorch"), new Color(0xd1495b), label("openblas"), new Color(0x7a4fa3), label("lucene"), new Color(0x8c5e3c),
            label("netlib"), new Color(0x00a6c8));

    @Option(names = "--compare", defaultValue = "target/compare.json", description = "Of compare, with libtorch. Default: ${DEFAULT-VALUE}")
    private Path compare;

    @Option(names = "--rows", defaultValue = "target/rows.json", description = "Of compare --shapes rows. Default: ${DEFAULT-VALUE}")
    private Path rows;

    @Option(names = "--coldstart", defaultValue = "target/coldstart.json", description = "Of coldstart. Default: ${DEFAULT-VALUE}")
    private Path coldStart;

    @Option(names = "--out", defaultValue = "docs/charts", description = "The folder. Default: ${DEFAULT-VALUE}")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(folder);
        if (Files.exists(compare)) {
            Results results = Results.read(compare);
            write("libtorch.svg", "g·v/‖v‖: speed as a multiple of libtorch's, one thread", results.environment() + ", " + results.date(),
                    besideLibtorch(results), 560);
        }
        if (Files.exists(rows)) {
            Results results = Results.read(rows);
            write("row-length.svg", "g·v/‖v‖ of 2¹⁸ weights, by the length of a row, one thread", results.environment() + ", " + results.date(),
                    byRowLength(results), 460);
        }
        if (Files.exists(coldStart)) {
            Curves curves = Results.JSON.readValue(coldStart.toFile(), Curves.class);
            int forks = curves.curves().values().iterator().next().size();
            write("cold-start.svg", "Folding " + curves.workload() + " again and again in a fresh JVM (median of " + forks + ")",
                    curves.environment() + ", " + curves.date(), afterStart(curves), 460);
        }
        return 0;
    }

    private static Plot besideLibtorch(Results results) {
        DefaultCategoryDataset data = new DefaultCategoryDataset();
        List<Line> lines = results.lines().stream().filter(line -> line.kernel() == Kernel.RECONSTRUCT && line.of("libtorch").isPresent()).toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("no line of reconstruct with libtorch (expected: a comparison with -Ppeers)");
        }
        for (Line line : lines) {
            double libtorch = line.of("libtorch").orElseThrow().nanoseconds().minimum();
            for (Measurement measurement : List.of(line.ours(), line.of("float-loop").orElse(line.ours()))) {
                data.setValue(libtorch / measurement.nanoseconds().minimum(), label(measurement.implementation()), line.workload());
            }
        }
        BarRenderer bars = new BarRenderer();
        bars.setBarPainter(new StandardBarPainter());
        bars.setShadowVisible(false);
        bars.setItemMargin(0.05);
        bars.setBase(0.01);
        bars.setDefaultItemLabelGenerator(new StandardCategoryItemLabelGenerator("{2}", format("0.0#")));
        bars.setDefaultItemLabelsVisible(true);
        bars.setDefaultItemLabelFont(SMALL.deriveFont(10f));
        bars.setDefaultPositiveItemLabelPosition(new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
        for (int i = 0; i < data.getRowCount(); i++) {
            bars.setSeriesPaint(i, COLORS.getOrDefault(data.getRowKey(i), Color.BLACK));
        }
        CategoryAxis layers = new CategoryAxis("shape:kept axis");
        layers.setTickLabelFont(SMALL);
        layers.setCategoryMargin(0.25);
        LogAxis speed = log("times libtorch's speed", "0.##");
        CategoryPlot plot = new CategoryPlot(data, layers, speed, bars);
        double slowest = extreme(data, false);
        speed.setRange(Math.min(0.5, slowest / 1.5), Math.max(2, 1.8 * extreme(data, true)));
        plot.setOrientation(PlotOrientation.HORIZONTAL);
        plot.setRangeGridlinePaint(GRID);
        plot.addRangeMarker(new ValueMarker(1, COLORS.get(label("libtorch")), new BasicStroke(1.5f)));
        return plot;
    }

    private static double extreme(DefaultCategoryDataset data, boolean largest) {
        return IntStream.range(0, data.getRowCount() * data.getColumnCount())
                .mapToObj(i -> data.getValue(i % data.getRowCount(), i / data.getRowCount())).filter(Objects::nonNull)
                .mapToDouble(Number::doubleValue).reduce((a, b) -> largest ? Math.max(a, b) : Math.min(a, b)).orElseThrow();
    }

    private static Plot byRowLength(Results results) {
        XYSeriesCollection series = new XYSeriesCollection();
        for (Line line : results.lines()) {
            int length = Task.layer(line.workload()).layout.inner();
            for (Measurement measurement : line.measurements()) {
                series(series, measurement.implementation()).addOrUpdate(length, measurement.nanoseconds().minimum() / line.weights());
            }
        }
        return lines(series, log("elements in a row", "0"), log("nanoseconds per weight", "0.###"), true);
    }

    private static Plot afterStart(Curves curves) {
        XYSeriesCollection series = new XYSeriesCollection();
        curves.curves().forEach((implementation, forks) -> {
            int folds = forks.stream().mapToInt(curve -> curve.took().length).min().orElseThrow();
            for (int i = 0; i < folds; i++) {
                int fold = i;
                double ended = Summary.of(forks.stream().mapToDouble((Curve curve) -> curve.started()[fold] + curve.took()[fold]).toArray()).median();
                double took = Summary.of(forks.stream().mapToDouble((Curve curve) -> curve.took()[fold]).toArray()).median();
                series(series, implementation).addOrUpdate(ended, took);
            }
        });
        return lines(series, log("milliseconds since the first fold began", "0"), log("milliseconds a fold", "0.#"), false);
    }

    private static XYSeries series(XYSeriesCollection all, String implementation) {
        String label = label(implementation);
        if (all.getSeriesIndex(label) < 0) {
            all.addSeries(new XYSeries(label));
        }
        return all.getSeries(label);
    }

    private static Plot lines(XYSeriesCollection series, LogAxis x, LogAxis y, boolean points) {
        XYLineAndShapeRenderer renderer = new XYLineAndShapeRenderer(true, points);
        for (int i = 0; i < series.getSeriesCount(); i++) {
            renderer.setSeriesPaint(i, COLORS.getOrDefault(series.getSeriesKey(i), Color.BLACK));
            renderer.setSeriesStroke(i, new BasicStroke(2f));
            renderer.setSeriesShape(i, new Ellipse2D.Double(-3, -3, 6, 6));
        }
        XYPlot plot = new XYPlot(series, x, y, renderer);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        return plot;
    }

    /** How the legend calls an implementation. */
    private static String label(String implementation) {
        return switch (implementation) {
            case "auto", "vector", "scalar" -> "weightnorm, " + implementation;
            case "float-loop" -> "plain float loop";
            case "copy" -> "System.arraycopy";
            default -> implementation;
        };
    }

    private static LogAxis log(String label, String pattern) {
        LogAxis axis = new LogAxis(label);
        axis.setBase(2);
        axis.setSmallestValue(1e-6);
        axis.setNumberFormatOverride(format(pattern));
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setTickLabelFont(SMALL);
        axis.setMinorTickMarksVisible(false);
        return axis;
    }

    private static DecimalFormat format(String pattern) {
        return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT));
    }

    private void write(String name, String title, String subtitle, Plot plot, int height) throws IOException {
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        JFreeChart chart = new JFreeChart(title, new Font(Font.SANS_SERIF, Font.BOLD, 15), plot, true);
        chart.setBackgroundPaint(Color.WHITE);
        chart.setPadding(new RectangleInsets(10, 6, 6, 12));
        chart.getLegend().setItemFont(SMALL);
        TextTitle below = new TextTitle(subtitle, SMALL.deriveFont(10f), Color.DARK_GRAY, RectangleEdge.BOTTOM, HorizontalAlignment.RIGHT,
                VerticalAlignment.BOTTOM, new RectangleInsets(4, 4, 4, 8));
        chart.addSubtitle(0, below);
        SVGGraphics2D svg = new SVGGraphics2D(WIDTH, height);
        // Equal charts are equal files.
        svg.setDefsKeyPrefix(name.replace(".svg", ""));
        chart.draw(svg, new Rectangle(WIDTH, height));
        Path file = folder.resolve(name);
        Files.writeString(file, svg.getSVGDocument());
        System.out.println("wrote " + file);
    }
}
