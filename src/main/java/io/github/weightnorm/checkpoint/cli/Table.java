package io.github.weightnorm.checkpoint.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Text in aligned columns. */
final class Table {
    private static final String GAP = "  ";

    private final boolean[] rightAligned;
    private final List<String[]> rows = new ArrayList<>();

    /** @param headings each with its alignment before it, {@code <} or {@code >} */
    Table(String... headings) {
        rightAligned = new boolean[headings.length];
        String[] first = new String[headings.length];
        for (int column = 0; column < headings.length; column++) {
            rightAligned[column] = headings[column].charAt(0) == '>';
            first[column] = headings[column].substring(1);
        }
        rows.add(first);
    }

    void add(String... cells) {
        rows.add(cells);
    }

    void print(PrintStream out) {
        int[] widths = new int[rightAligned.length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], length(row[column]));
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                String padding = " ".repeat(widths[column] - length(row[column]));
                line.append(column == 0 ? "" : GAP);
                line.append(rightAligned[column] ? padding + row[column] : row[column] + padding);
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
