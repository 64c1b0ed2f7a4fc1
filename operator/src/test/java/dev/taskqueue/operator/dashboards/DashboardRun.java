package dev.taskqueue.operator.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/**
 * Runs operators under load for {@code -Ddashboards.seconds} (240), and asks every query of the dashboards. {@code -Ddashboards.pictures=write} draws
 * the pictures of the docs anew.
 */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.PROMETHEUS})
class DashboardRun {
    private static final Path PICTURES = ControlPlane.repository().resolve("docs");
    /** The window of rates: Grafana takes four times the interval of the scrapes. */
    private static final String WINDOW = 4 * PrometheusServer.STEP.toSeconds() + "s";

    private static final int MAX_SERIES = 20;

    @AutoClose
    private final TestCluster cluster = new TestCluster();

    @Test
    void everyPanelShowsDataUnderLoad() throws Exception {
        var load = new DashboardLoad(cluster);
        try (var prometheus = new PrometheusServer(load.ports())) {
            Instant from = Instant.now();
            Instant end = from.plusSeconds(Integer.getInteger("dashboards.seconds", 240));
            for (Instant next = from; next.isBefore(end); next = next.plusSeconds(1)) {
                load.tick();
                Thread.sleep(Math.max(
                        0, Duration.between(Instant.now(), next.plusSeconds(1)).toMillis()));
            }
            var problems = new ArrayList<String>();
            for (String name : Dashboard.NAMES) {
                Dashboard dashboard = Dashboard.read(name);
                Map<Dashboard.Panel, List<List<PrometheusServer.Series>>> data =
                        ask(prometheus, dashboard, from, Instant.now(), problems);
                if ("write".equals(System.getProperty("dashboards.pictures"))) {
                    Files.writeString(
                            PICTURES.resolve("dashboard-" + name + ".svg"),
                            new DashboardDrawing(dashboard, data).svg());
                }
            }
            assertThat(problems).isEmpty();
        }
    }

    private static Map<Dashboard.Panel, List<List<PrometheusServer.Series>>> ask(
            PrometheusServer prometheus, Dashboard dashboard, Instant from, Instant to, List<String> problems)
            throws IOException {
        var data = new LinkedHashMap<Dashboard.Panel, List<List<PrometheusServer.Series>>>();
        for (Dashboard.Panel panel : dashboard.panels()) {
            var answers = new ArrayList<List<PrometheusServer.Series>>();
            for (Dashboard.Target target : panel.targets()) {
                String query = target.query(WINDOW);
                List<PrometheusServer.Series> answer = panel.type().equals("table")
                        ? prometheus.instant(query, to)
                        : prometheus.range(query, from, to);
                if (answer.stream().allMatch(series -> series.points().isEmpty())) {
                    problems.add(dashboard.name() + ": " + panel.title() + ": no data for " + query);
                }
                answers.add(answer);
            }
            int series = panel.type().equals("table")
                    ? answers.getFirst().size()
                    : answers.stream().mapToInt(List::size).sum();
            if (series > MAX_SERIES) {
                problems.add(dashboard.name() + ": " + panel.title() + ": " + series + " series");
            }
            data.put(panel, answers);
        }
        return data;
    }
}
