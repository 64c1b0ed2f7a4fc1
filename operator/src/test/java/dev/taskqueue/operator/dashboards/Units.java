package dev.taskqueue.operator.dashboards;

import java.util.Locale;
import java.util.Map;

/** Writes numbers with the units of Grafana that the dashboards use. */
final class Units {
    /** By Grafana's word. */
    private static final Map<String, String> SUFFIXES =
            Map.of("short", "", "ops", "/s", "reqps", "/s", "wps", "/s", "s", " s", "percentunit", " %", "bytes", " B");

    private Units() {}

    static String format(double value, String unit) {
        String suffix = SUFFIXES.getOrDefault(unit, "");
        return switch (unit) {
            case "percentunit" -> number(value * 100) + suffix;
            case "s" -> value != 0 && Math.abs(value) < 1 ? number(value * 1000) + " ms" : number(value) + suffix;
            case "bytes" -> value < (1 << 30) ? number(value / (1 << 20)) + " MiB" : number(value / (1 << 30)) + " GiB";
            default -> number(value) + suffix;
        };
    }

    private static String number(double value) {
        if (Math.abs(value) >= 10_000) {
            return String.format(Locale.ROOT, "%.0fk", value / 1000);
        }
        return Math.abs(value) >= 100 || value == Math.rint(value)
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.3g", value).replaceFirst("\\.?0+$", "");
    }
}
