package io.github.weightnorm;

import io.github.weightnorm.Results.Line;
import io.github.weightnorm.Results.Measurement;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/** A comparison of one kernel, as a table in Markdown. */
final class ComparisonTable {

    private ComparisonTable() {}

    static void print(Kernel kernel, List<Line> lines, PrintStream out) {
        Set<String> descriptions = new LinkedHashSet<>();
        Set<String> peers = new LinkedHashSet<>();
        for (Line line : lines) {
            for (Measurement measurement : line.measurements()) {
                descriptions.add(measurement.implementation() + ": " + measurement.description());
                if (measurement != line.ours() && !measurement.implementation().equals("copy")) {
                    peers.add(measurement.implementation());
                }
            }
        }
        out.println("\n## " + kernel + "\n");
        descriptions.forEach(description -> out.println("* " + description));
        out.println("\nTime: the fastest sample. Ratios: of the fastest samples / of the medians (10 % to 90 % of the rounds).\n");
        List<String[]> rows = new ArrayList<>();
        List<String> heading = new ArrayList<>(List.of("weight:axis", "back end", "µs", "time in copies", "meant to be"));
        for (String peer : peers) {
            heading.add("times " + peer + "'s speed");
            if (peer.equals("libtorch")) {
                heading.add("meant to be");
            }
        }
        rows.add(heading.toArray(String[]::new));
        for (Line line : lines) {
            rows.add(row(line, peers));
        }
        print(rows, out);
    }

    private static String[] row(Line line, Set<String> peers) {
        Measurement ours = line.ours();
        Measurement copy = line.of("copy").orElseThrow();
        double copies = ours.nanoseconds().minimum() / copy.nanoseconds().minimum();
        List<String> cells = new ArrayList<>(List.of(line.workload(), ours.implementation(), micros(ours.nanoseconds().minimum()),
                ratio(copies, ours.nanoseconds().median() / copy.nanoseconds().median(), copy.ratio()),
                target(Target.copies(line.kernel(), line.workload()), "≤", copies, false)));
        for (String peer : peers) {
            Measurement theirs = line.of(peer).orElse(null);
            double speedup = theirs == null ? Double.NaN : theirs.nanoseconds().minimum() / ours.nanoseconds().minimum();
            cells.add(theirs == null ? "" : ratio(speedup, theirs.nanoseconds().median() / ours.nanoseconds().median(), theirs.ratio()));
            if (peer.equals("libtorch")) {
                cells.add(theirs == null ? "" : target(Target.speedup(line.kernel(), line.workload()), "≥", speedup, true));
            }
        }
        return cells.toArray(String[]::new);
    }

    private static String ratio(double ofMinima, double ofMedians, Summary byRound) {
        return figure(ofMinima) + " / " + figure(ofMedians) + " (" + figure(byRound.lowDecile()) + "–" + figure(byRound.highDecile()) + ")";
    }

    private static String target(OptionalDouble target, String sign, double actual, boolean above) {
        if (target.isEmpty()) {
            return "";
        }
        boolean hit = above ? actual >= target.getAsDouble() : actual <= target.getAsDouble();
        return sign + " " + figure(target.getAsDouble()) + (hit ? "" : ": missed");
    }

    private static String micros(double nanos) {
        return figure(nanos / 1000);
    }

    /** Three digits that count. */
    static String figure(double value) {
        return String.format(Locale.ROOT, value >= 99.5 ? "%.0f" : value >= 9.95 ? "%.1f" : "%.2f", value);
    }

    private static void print(List<String[]> rows, PrintStream out) {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], row[column].length());
            }
        }
        for (int i = 0; i < rows.size(); i++) {
            StringBuilder line = new StringBuilder("|");
            StringBuilder rule = new StringBuilder("|");
            for (int column = 0; column < widths.length; column++) {
                String cell = rows.get(i)[column];
                line.append(' ').append(cell).append(" ".repeat(widths[column] - cell.length())).append(" |");
                rule.append(" ").append("-".repeat(widths[column])).append(" |");
            }
            out.println(line);
            if (i == 0) {
                out.println(rule);
            }
        }
    }
}
