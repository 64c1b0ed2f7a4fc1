package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.dashboards.Dashboard;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Checks what needs no promtool about the chart's alerts and dashboards: {@link MonitoringIT} does the rest. */
class AlertsTest {
    static final List<String> TESTS = List.of("alerts.yaml", "alerts-after-a-day.yaml");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");
    private static final List<String> NAMES = Dashboard.NAMES;
    /** Grafana's words for units that the dashboards use. */
    private static final Set<String> UNITS = Set.of("short", "ops", "reqps", "wps", "s", "percentunit", "bytes");

    @Test
    void eachAlertHasATestInWhichItFiresAndOneInWhichItIsSilent() throws IOException {
        var tests = new StringBuilder();
        for (String file : TESTS) {
            tests.append(Files.readString(Chart.REPOSITORY.resolve("operator/src/test/promtool/" + file)));
        }
        assertThat(alerts())
                .hasSize(19)
                .allSatisfy(alert -> assertThat(tests)
                        .contains("- name: " + alert + " fires\n", "- name: " + alert + " is silent\n"));
    }

    @Test
    void eachAlertHasARunbookWithThreeCommands() throws IOException {
        String page = Files.readString(Chart.REPOSITORY.resolve("docs/runbooks.md")) + "\n## ";
        assertThat(alerts()).allSatisfy(alert -> {
            String section = page.split("\n## " + alert + "\n", 2)[1].split("\n## ", 2)[0];
            assertThat(section).contains("**It means** ", "**Users feel** ", "**To end it**: ", "**Silence it** ");
            assertThat(section.lines().filter(line -> line.startsWith("$ "))).hasSize(3);
        });
    }

    private static Set<String> alerts() {
        var alerts = new TreeSet<String>();
        ALERT.matcher(Chart.text("files/alerts.yaml")).results().forEach(found -> alerts.add(found.group(1)));
        return alerts;
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void eachPanelHasUnitAndDescriptionAndFewLines(String name) {
        assertThat(Dashboard.read(name).panels()).hasSizeGreaterThan(10).allSatisfy(panel -> {
            assertThat(panel.unit()).as(panel.title()).isIn(UNITS);
            assertThat(panel.description()).as(panel.title()).endsWith(".");
            assertThat(panel.targets())
                    .isNotEmpty()
                    .allSatisfy(target -> assertThat(isBounded(target.expression()))
                            .as(target.expression())
                            .isTrue());
        });
    }

    /** Either topk bounds the number of series, or they are by labels from short closed lists alone. */
    private static boolean isBounded(String expression) {
        return expression.contains("topk(")
                || expression.contains("bottomk(")
                || !expression.matches("(?s).*by \\([^)]*(namespace|queue|instance|code)[^)]*\\).*");
    }
}
