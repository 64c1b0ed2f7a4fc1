package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that texts which the chart contains twice are the same. The copies of the CRDs and the README's table are written again by
 * {@code mvn -pl operator test -Dtest=ChartTextTest -Dchart.write=true}.
 */
class ChartTextTest {
    private static final String WRITE =
            "write it anew by mvn -pl operator test -Dtest=ChartTextTest -Dchart.write=true";
    private static final String BEGIN = "<!-- values: made from values.schema.json -->\n";
    private static final String END = "<!-- end of values -->\n";

    @ParameterizedTest
    @ValueSource(
            strings = {"tasks.taskqueue.dev.yaml", "taskqueues.taskqueue.dev.yaml", "taskbatches.taskqueue.dev.yaml"})
    void theCopyOfACrdIsACopy(String name) throws IOException {
        String original = Files.readString(Chart.REPOSITORY.resolve("crds").resolve(name));
        Path copy = Chart.FOLDER.resolve("files/crds").resolve(name);
        if (Boolean.getBoolean("chart.write")) {
            Files.writeString(copy, original);
        }
        assertThat(Files.readString(copy)).as("%s; %s", copy, WRITE).isEqualTo(original);
    }

    @Test
    void thereIsACopyOfEachCrd() throws IOException {
        try (Stream<Path> originals = Files.list(Chart.REPOSITORY.resolve("crds"));
                Stream<Path> copies = Files.list(Chart.FOLDER.resolve("files/crds"))) {
            assertThat(names(copies)).isEqualTo(names(originals));
        }
    }

    private static Set<String> names(Stream<Path> files) {
        return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theReadmesTableIsWhatTheSchemaSays() throws IOException {
        Path file = Chart.FOLDER.resolve("README.md");
        String readme = Files.readString(file);
        String current = readme.replaceFirst(
                "(?s)" + BEGIN + ".*" + END, java.util.regex.Matcher.quoteReplacement(BEGIN + table() + END));
        if (Boolean.getBoolean("chart.write")) {
            Files.writeString(file, current);
        }
        assertThat(readme).contains(BEGIN, END);
        assertThat(Files.readString(file)).as("%s; %s", file, WRITE).isEqualTo(current);
    }

    private static String table() {
        var table = new StringBuilder("| value | default | meaning |\n| --- | --- | --- |\n");
        Chart.schema()
                .forEach((path, schema) -> table.append("| `%s` | `%s` | %s |\n"
                        .formatted(
                                path,
                                Chart.fallback(path).toString().replace("|", "\\|"),
                                schema.path("description").asText().replace("|", "\\|"))));
        return table.toString();
    }

    static Stream<Map.Entry<String, JsonNode>> schema() {
        return Chart.schema().entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("schema")
    void theCommentOfAValueIsItsDescription(Map.Entry<String, JsonNode> value) {
        String description = value.getValue().path("description").asText();
        assertThat(Chart.comments()).containsEntry(value.getKey(), description);
        assertThat(Chart.fallback(value.getKey()).isMissingNode()).isFalse();
    }

    @Test
    void theChartsAppVersionIsTheOperators() throws IOException {
        String pom = Files.readString(Chart.REPOSITORY.resolve("pom.xml"));
        String version = Chart.yaml(Chart.text("Chart.yaml")).path("appVersion").asText();
        assertThat(pom.toLowerCase(Locale.ROOT).replaceAll("\\s", ""))
                .contains("<artifactid>taskqueue</artifactid><version>" + version.toLowerCase(Locale.ROOT)
                        + "</version>");
    }
}
