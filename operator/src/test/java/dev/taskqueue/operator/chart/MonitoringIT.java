package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.dashboards.Dashboard;
import dev.taskqueue.operator.testing.Promtool;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Lets Prometheus' own tool check the chart's alerts and dashboards. */
@Requires(Prerequisite.PROMETHEUS)
class MonitoringIT {
    private final Promtool promtool = new Promtool();

    @Test
    void promtoolFindsNothingWrongWithTheAlerts() {
        assertThat(promtool.checkRules(Chart.REPOSITORY.resolve("charts/manifests/alerts.yaml")))
                .isEmpty();
    }

    @ParameterizedTest
    @FieldSource("dev.taskqueue.operator.chart.AlertsTest#TESTS")
    void theAlertsFireAndStaySilentAsTheirTestsSay(String file) {
        assertThat(promtool.testRules(Chart.REPOSITORY.resolve("operator/src/test/promtool/" + file)))
                .isEmpty();
    }

    @ParameterizedTest
    @FieldSource("dev.taskqueue.operator.dashboards.Dashboard#NAMES")
    void prometheusCanReadEveryQueryOfADashboard(String name) {
        List<String> queries = Dashboard.read(name).panels().stream()
                .flatMap(panel -> panel.targets().stream())
                .map(target -> target.query("5m"))
                .toList();
        assertThat(queries).hasSizeGreaterThan(20);
        assertThat(promtool.checkExpressions(queries)).isEmpty();
    }
}
