package dev.taskqueue.operator.dashboards;

import dev.taskqueue.operator.dashboards.Dashboard.Panel;
import dev.taskqueue.operator.dashboards.PrometheusServer.Point;
import dev.taskqueue.operator.dashboards.PrometheusServer.Series;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Draws one panel as SVG: lines over time with a legend, or a table. */
final class PanelDrawing {
    private static final List<String> COLOURS =
            List.of("#1f6feb", "#d29922", "#2da44e", "#cf222e", "#8250df", "#0a7e8c", "#bf3989", "#57606a");
    private static final int LEFT = 62;
    private static final int TOP = 34;
    private static final int LEGEND_WIDTH = 236;
    private static final int LEGEND_LINES = 11;
    private static final int TICKS = 4;
    /** Characters that fit into a line of the legend. */
    private static final int LEGEND_CHARACTERS = 34;

    private final Panel panel;
    private final List<List<Series>> answers;
    private final int width;
    private final int height;
    private final StringBuilder svg = new StringBuilder();

    private record Line(String legend, boolean isDashed, String colour, List<Point> points) {}

    PanelDrawing(Panel panel, List<List<Series>> answers, int width, int height) {
        this.panel = panel;
        this.answers = answers;
        this.width = width;
        this.height = height;
    }

    String svg() {
        add("<rect width=\"%d\" height=\"%d\" rx=\"4\" fill=\"#ffffff\" stroke=\"#d0d7de\"/>", width, height);
        text(12, 21, "start", "#1f2328", panel.title(), " font-weight=\"bold\"");
        if (panel.type().equals("table")) {
            table();
        } else {
            lines();
        }
        return svg.toString();
    }

    private void lines() {
        List<Line> lines = collect();
        double from = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::at)
                .min()
                .orElse(0);
        double to = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::at)
                .max()
                .orElse(1);
        double most = lines.stream()
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::value)
                .max()
                .orElse(1);
        // Bytes are shown in MiB or GiB, so the marks are round in these.
        double scale = !panel.unit().equals("bytes") ? 1 : most < (1 << 30) ? 1 << 20 : 1 << 30;
        double top = niceTop(most / scale) * scale;
        int plotWidth = width - LEFT - LEGEND_WIDTH - 12;
        int plotHeight = height - TOP - 28;
        for (int tick = 0; tick <= TICKS; tick++) {
            double y = TOP + plotHeight - plotHeight * tick / (double) TICKS;
            add("<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#eaeef2\"/>", LEFT, LEFT + plotWidth, y, y);
            text(LEFT - 6, y + 4, "end", "#57606a", Units.format(top * tick / TICKS, panel.unit()), "");
        }
        for (int tick = 0; tick <= 2; tick++) {
            String anchor = tick == 0 ? "start" : tick == 1 ? "middle" : "end";
            String time = "%d s".formatted(Math.round((to - from) * tick / 2));
            text(LEFT + plotWidth * tick / 2.0, height - 10, anchor, "#57606a", time, "");
        }
        for (Line line : lines) {
            String points = line.points().stream()
                    .map(point -> String.format(
                            Locale.ROOT,
                            "%.1f,%.1f",
                            LEFT + plotWidth * (point.at() - from) / Math.max(1, to - from),
                            TOP + plotHeight - plotHeight * Math.max(0, point.value()) / top))
                    .collect(Collectors.joining(" "));
            add(
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"%s/>",
                    points, line.colour(), line.isDashed() ? " stroke-dasharray=\"6 4\"" : "");
        }
        legend(lines);
    }

    /** The lines with the greatest last number come first. A limit has the colour of the line that it limits. */
    private List<Line> collect() {
        var lines = new ArrayList<Line>();
        Map<String, String> colours = new LinkedHashMap<>();
        for (int i = 0; i < answers.size(); i++) {
            Dashboard.Target target = panel.targets().get(i);
            List<Series> sorted = answers.get(i).stream()
                    .filter(series -> !series.points().isEmpty())
                    .sorted(Comparator.comparingDouble(
                            (Series series) -> -series.points().getLast().value()))
                    .toList();
            for (Series series : sorted) {
                String legend = Dashboard.legend(target.legend(), series.labels());
                String of = legend.replaceFirst("^(limit|largest) ", "");
                String colour = colours.computeIfAbsent(of, absent -> COLOURS.get(colours.size() % COLOURS.size()));
                lines.add(new Line(legend, target.isLimit(), colour, series.points()));
            }
        }
        return lines;
    }

    private void legend(List<Line> lines) {
        int x = width - LEGEND_WIDTH;
        for (int i = 0; i < Math.min(lines.size(), LEGEND_LINES); i++) {
            Line line = lines.get(i);
            int y = TOP + 8 + i * 16;
            add(
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\"%s/>",
                    x, x + 14, y - 4, y - 4, line.colour(), line.isDashed() ? " stroke-dasharray=\"4 3\"" : "");
            String last = Units.format(line.points().getLast().value(), panel.unit());
            String name = cut(line.legend(), LEGEND_CHARACTERS - last.length());
            text(x + 20, y, "start", "#1f2328", name + "  " + last, " font-size=\"11\"");
        }
        if (lines.size() > LEGEND_LINES) {
            text(x + 20, TOP + 8 + LEGEND_LINES * 16, "start", "#57606a", (lines.size() - LEGEND_LINES) + " more", "");
        }
    }

    /** Each query is a column. Rows are joined by namespace and queue. */
    private void table() {
        List<String> columns = new ArrayList<>();
        panel.json()
                .at("/transformations/1/options/renameByName")
                .properties()
                .forEach(column -> columns.add(column.getValue().asText()));
        int columnWidth = (width - 280) / columns.size();
        for (int i = 0; i < columns.size(); i++) {
            text(280 + (i + 1) * columnWidth - 24.0, 48, "end", "#57606a", columns.get(i), "");
        }
        var rows = answers.getFirst().stream()
                .sorted(Comparator.comparingDouble(
                        (Series series) -> -series.points().getLast().value()))
                .map(Series::labels)
                .toList();
        for (int row = 0; row < rows.size(); row++) {
            int y = 70 + row * 20;
            Map<String, String> labels = rows.get(row);
            add("<line x1=\"12\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#eaeef2\"/>", width - 12, y - 15, y - 15);
            text(12, y, "start", "#1f2328", labels.get("namespace") + "/" + labels.get("queue"), "");
            for (int i = 0; i < columns.size(); i++) {
                String unit = columns.get(i).equals("Oldest due") ? "s" : panel.unit();
                String value = answers.get(i).stream()
                        .filter(series -> series.labels().equals(labels))
                        .map(series -> Units.format(series.points().getLast().value(), unit))
                        .findFirst()
                        .orElse("");
                text(280 + (i + 1) * columnWidth - 24.0, y, "end", "#1f2328", value, "");
            }
        }
    }

    /** The next of 1, 2 and 5 times a power of ten. */
    private static double niceTop(double most) {
        if (most <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(most)));
        double first = most / power;
        return power * (first <= 1 ? 1 : first <= 2 ? 2 : first <= 5 ? 5 : 10);
    }

    private void text(double x, double y, String anchor, String colour, String text, String more) {
        add(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\"%s>%s</text>",
                x, y, anchor, colour, more, escaped(text));
    }

    @SuppressWarnings("AnnotateFormatMethod") // its annotation would need another library, for this one method
    private void add(String form, Object... values) {
        svg.append(String.format(Locale.ROOT, form, values)).append('\n');
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
