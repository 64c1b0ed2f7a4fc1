package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OperatorSettingTest {
    private static final Pattern VARIABLE_IN_MESSAGE =
            Pattern.compile("\"(?![^\"]*\\bchart\\b)[^\"]*TASKQUEUE_[A-Z_]+[^\"]*\"");

    @ParameterizedTest
    @EnumSource(OperatorSetting.class)
    void bothNamesExist(OperatorSetting setting) throws IOException {
        Path chart = ControlPlane.repository().resolve("charts/taskqueue");
        String deployment = Files.readString(chart.resolve("templates/deployment.yaml"))
                + Files.readString(chart.resolve("templates/_helpers.tpl"));
        String leaf = setting.chartValue().substring("settings.".length());
        assertThat(Files.readString(chart.resolve("values.yaml"))).containsPattern("(?m)^  #? ?" + leaf + ":");
        assertThat(deployment + Files.readString(chart.resolve("values.schema.json")))
                .contains(leaf);
        assertThat(setting.toString()).isEqualTo(setting.variable() + " (chart: " + setting.chartValue() + ")");
    }

    /** Most people install the chart, and know its values only. */
    @Test
    void noMessageNamesAVariableAlone() throws IOException {
        Path sources = ControlPlane.repository().resolve("operator/src/main/java/dev/taskqueue/operator");
        try (var files = Files.walk(sources)) {
            List<String> alone = files.filter(file -> file.toString().endsWith(".java"))
                    // These read the variables, and their messages are about the variables themselves.
                    .filter(file -> !file.startsWith(sources.resolve("ops")) && !file.endsWith("Main.java"))
                    .filter(file -> !file.endsWith("OperatorSetting.java"))
                    .filter(file -> VARIABLE_IN_MESSAGE.matcher(read(file)).find())
                    .map(Path::toString)
                    .toList();
            assertThat(alone).isEmpty();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
