package dev.taskqueue.operator.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The measured values. Each is printed at once, and all of them as one table at the end. */
final class BenchReport {
    private final List<Row> rows = new ArrayList<>();

    /** @param goal must / aim, or empty if there is none */
    private record Row(String part, String name, String value, String goal) {}

    /** Adds one line; the format is that of {@link String#format}. */
    @SuppressWarnings("AnnotateFormatMethod") // its annotation would need another library, for this one method
    void add(String part, String name, String goal, String format, Object... values) {
        var row = new Row(part, name, String.format(Locale.ROOT, format, values), goal);
        rows.add(row);
        System.out.println("[bench] " + row.part + ": " + row.name + " = " + row.value);
    }

    void print() {
        int part = width(rows.stream().map(Row::part).toList(), "part");
        int name = width(rows.stream().map(Row::name).toList(), "figure");
        int value = width(rows.stream().map(Row::value).toList(), "value");
        String format = "%-" + part + "s  %-" + name + "s  %" + value + "s  %s%n";
        System.out.println();
        System.out.printf(Locale.ROOT, format, "part", "figure", "value", "goal (must / aim)");
        rows.forEach(row -> System.out.printf(Locale.ROOT, format, row.part, row.name, row.value, row.goal));
        System.out.println();
    }

    private static int width(List<String> texts, String title) {
        return Math.max(
                title.length(), texts.stream().mapToInt(String::length).max().orElse(0));
    }
}
