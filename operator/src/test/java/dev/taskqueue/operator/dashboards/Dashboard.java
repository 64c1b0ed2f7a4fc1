package dev.taskqueue.operator.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A dashboard of the chart.
 *
 * @param name of its file
 * @param panels in the order of the file
 */
public record Dashboard(String name, String title, List<Panel> panels) {
    /** The files in the chart. */
    public static final List<String> NAMES = List.of("queues", "operator");

    private static final Path FOLDER = ControlPlane.repository().resolve("charts/taskqueue/files/dashboards");
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One panel.
     *
     * @param type such as {@code timeseries} or {@code table}
     * @param unit in Grafana's words
     * @param width in columns, of which there are 24
     */
    public record Panel(
            String type,
            String title,
            String description,
            String unit,
            int width,
            List<Target> targets,
            JsonNode json) {}

    /**
     * One query of a panel.
     *
     * @param isLimit whether its lines are dashed
     */
    public record Target(String expression, String legend, boolean isLimit) {
        /** The query with everything chosen in the variables, and a window for rates. */
        public String query(String window) {
            String query = expression.replace("$__rate_interval", window);
            for (String variable : List.of("$namespace", "$queue", "$job")) {
                query = query.replace(variable, ".*");
            }
            return query;
        }
    }

    /** Reads one of {@link #NAMES}. */
    public static Dashboard read(String name) {
        try {
            JsonNode json = JSON.readTree(Files.readString(FOLDER.resolve(name + ".json")));
            List<Panel> panels =
                    json.path("panels").valueStream().map(Dashboard::panel).toList();
            return new Dashboard(name, json.path("title").asText(), panels);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Panel panel(JsonNode json) {
        List<String> dashed = json.at("/fieldConfig/overrides")
                .valueStream()
                .filter(override -> override.at("/matcher/id").asText().equals("byFrameRefID"))
                .map(override -> override.at("/matcher/options").asText())
                .toList();
        List<Target> targets = json.path("targets")
                .valueStream()
                .map(target -> new Target(
                        target.path("expr").asText(),
                        target.path("legendFormat").asText(),
                        dashed.contains(target.path("refId").asText())))
                .toList();
        return new Panel(
                json.path("type").asText(),
                json.path("title").asText(),
                json.path("description").asText(),
                json.at("/fieldConfig/defaults/unit").asText(),
                json.at("/gridPos/w").asInt(),
                targets,
                json);
    }

    /** The legend of a series: its labels put into the form, such as <code>{{namespace}}/{{queue}}</code>. */
    static String legend(String form, Map<String, String> labels) {
        String legend = form;
        for (var label : labels.entrySet()) {
            legend = legend.replace("{{" + label.getKey() + "}}", label.getValue());
        }
        return legend.replaceAll("\\{\\{\\w+}}", "").strip();
    }
}
