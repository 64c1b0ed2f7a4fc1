package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.KubectlFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chart's policy that warns: kubectl prints the warning, and the write is done. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM, Prerequisite.PROMETHEUS_CRDS})
class AdmissionWarningsIT {
    private static final String ORDERS = InstalledChart.ORDERS;

    private static @Nullable InstalledChart installed;

    private final InstalledChart chart = Objects.requireNonNull(installed);

    @BeforeAll
    static void install() {
        var chart = new InstalledChart();
        installed = chart;
        Awaitility.await("the warnings to be in force")
                .untilAsserted(() -> assertThatThrownBy(() -> chart.plane()
                                .kubectlWithInput(
                                        queue("try", "taskqueue.dev/Hold: a", ""), strict("--dry-run=server")))
                        .isInstanceOf(KubectlFailed.class));
    }

    @AfterAll
    static void stop() {
        if (installed != null) {
            installed.close();
        }
    }

    private static String[] strict(String... more) {
        var args = new ArrayList<>(List.of("create", "-n", ORDERS, "--warnings-as-errors", "-f", "-"));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    private static String queue(String name, String annotations, String spec) {
        return "{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: %s, annotations: {%s}}, spec: {%s}}"
                .formatted(name, annotations, spec);
    }

    private static String task(String name, String annotations) {
        return "{apiVersion: taskqueue.dev/v1beta1, kind: Task, metadata: {name: %s, annotations: {%s}}, spec: {queueRef: {name: q}, httpRequest: {serviceRef: {name: worker}}}}"
                .formatted(name, annotations);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            taskqueue.dev/Hold: because                  | unknown and without effect: taskqueue.dev/Hold; a TaskQueue has the annotations taskqueue.dev/hold
            taskqueue.dev/run-now: '1'                   | unknown and without effect: taskqueue.dev/run-now
            taskqueue.dev/hold-until: 2027-01-01T00:00:00Z | no effect without the annotation taskqueue.dev/hold
            'taskqueue.dev/hold: a, taskqueue.dev/hold-until: tomorrow' | no time, so the hold has no end
            'taskqueue.dev/hold: a, taskqueue.dev/hold-until: "2027-01-01"' | no time, so the hold has no end
            'taskqueue.dev/hold: a, taskqueue.dev/hold-until: "2027-13-01T00:00:00Z"' | no time, so the hold has no end
            """)
    void anAnnotationOfAQueueWithoutEffectIsWarnedOf(String annotations, String warning) {
        assertWarns(queue("try", annotations, ""), warning);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            taskqueue.dev/rerun: '1'   | unknown and without effect: taskqueue.dev/rerun; a Task has the annotations taskqueue.dev/completed, taskqueue.dev/expect, taskqueue.dev/key
            taskqueue.dev/hold: a      | unknown and without effect: taskqueue.dev/hold
            taskqueue.dev/redrive: '1' | starts Failed Tasks again; this Task is Pending
            """)
    void anAnnotationOfATaskWithoutEffectIsWarnedOf(String annotations, String warning) {
        assertWarns(task("try", annotations), warning);
    }

    private static String batch(String name, String annotations) {
        return "{apiVersion: taskqueue.dev/v1beta1, kind: TaskBatch, metadata: {name: %s, annotations: {%s}}, spec: {queueRef: {name: q}, count: 2}}"
                .formatted(name, annotations);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            taskqueue.dev/rerun: '1'     | unknown and without effect: taskqueue.dev/rerun; a TaskBatch has the annotations taskqueue.dev/cancel, taskqueue.dev/completed, taskqueue.dev/hold, taskqueue.dev/redrive, taskqueue.dev/run-now
            taskqueue.dev/key: a         | unknown and without effect: taskqueue.dev/key
            taskqueue.dev/hold-until: 2027-01-01T00:00:00Z | unknown and without effect: taskqueue.dev/hold-until
            """)
    void anAnnotationOfABatchWithoutEffectIsWarnedOf(String annotations, String warning) {
        assertWarns(batch("try", annotations), warning);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            taskqueue.dev/hold: because
            'taskqueue.dev/cancel: because, taskqueue.dev/redrive: a, taskqueue.dev/run-now: "0-1 a"'
            """)
    void whatHasAnEffectOnABatchIsNotWarnedOf(String annotations) {
        chart.plane().kubectlWithInput(batch("try", annotations), strict("--dry-run=server"));
    }

    @Test
    void aBatchIsWarnedOfByItsState() {
        chart.plane().kubectlWithInput(batch("ended", "taskqueue.dev/hold: a"), strict());
        status("tbatch", "ended", "{\"state\":\"Succeeded\"}");
        assertThatThrownBy(() -> annotate("tbatch", "ended", "taskqueue.dev/redrive=1"))
                .hasMessageContaining("starts failed and skipped items again; this TaskBatch is Succeeded");
        assertThatThrownBy(() -> annotate("tbatch", "ended", "taskqueue.dev/run-now=1"))
                .hasMessageContaining(
                        "sends items that wait; this TaskBatch is Succeeded, so it has no effect; create a TaskBatch");
        status("tbatch", "ended", "{\"state\":\"Failed\",\"lastHandledRedrive\":\"3\"}");
        annotate("tbatch", "ended", "taskqueue.dev/redrive=2");
        assertThatThrownBy(() -> annotate("tbatch", "ended", "taskqueue.dev/redrive=3"))
                .hasMessageContaining("has the value 3, which was acted on before");
        assertThatThrownBy(() -> annotate("tbatch", "ended", "taskqueue.dev/cancel=late"))
                .hasMessageContaining("stops a TaskBatch that has not ended; this one is Failed");
        status("tbatch", "ended", "{\"state\":\"Running\",\"lastHandledRunNow\":\"4\"}");
        assertThatThrownBy(() -> annotate("tbatch", "ended", "taskqueue.dev/run-now=4"))
                .hasMessageContaining("has the value 4, which was acted on before");
        annotate("tbatch", "ended", "taskqueue.dev/cancel=now");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'rateLimits: {maxDispatchesPerSecond: "0.1"}'                | 10 Tasks leave at once, which is 100 seconds worth of the rate
            'rateLimits: {maxDispatchesPerSecond: 5, maxBurstSize: 200}' | 200 Tasks leave at once, which is 40 seconds
            'rateLimits: {maxDispatchesPerSecond: "5", maxBurstSize: 200}' | 200 Tasks leave at once, which is 40 seconds
            'rateLimits: {maxDispatchesPerSecond: 500m, maxBurstSize: 200}' | 200 Tasks leave at once, which is 400 seconds
            'rateLimits: {maxDispatchesPerSecond: 1}' | 10 Tasks leave at once, which is 10 seconds
            'rateLimits: {maxDispatchesPerSecond: "0.1", maxBurstSize: 10}' | 10 Tasks leave at once, which is 100 seconds
            """)
    void aBurstThatOutweighsTheRateIsWarnedOf(String spec, String warning) {
        assertWarns(queue("try", "", spec), warning);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            taskqueue.dev/hold: because
            'taskqueue.dev/hold: a, taskqueue.dev/hold-until: "2027-01-01T00:00:00.5+02:00"'
            taskqueue.dev/redrive: '1'
            example.com/Hold: '1'
            """)
    void whatHasAnEffectIsNotWarnedOf(String annotations) {
        chart.plane()
                .kubectlWithInput(
                        queue("try", annotations, "rateLimits: {maxDispatchesPerSecond: \"0.5\", maxBurstSize: 1}"),
                        strict("--dry-run=server"));
    }

    @Test
    void noSampleIsWarnedOf() throws IOException {
        var list = new ObjectMapper().createObjectNode().put("apiVersion", "v1").put("kind", "List");
        try (Stream<Path> files = Files.walk(Chart.REPOSITORY.resolve("samples"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
                Chart.objects(Files.readString(file)).stream()
                        .filter(object -> object.path("apiVersion").asText().startsWith("taskqueue.dev/"))
                        .peek(object -> ((ObjectNode) object.path("metadata")).remove("namespace"))
                        .forEach(list.withArray("items")::add);
            }
        }
        assertThat(list.path("items")).hasSizeGreaterThan(20);
        chart.plane().kubectlWithInput(list.toString(), strict("--dry-run=server"));
    }

    @Test
    void aTaskIsWarnedOfByItsState() {
        var plane = chart.plane();
        plane.kubectlWithInput(task("warned", "taskqueue.dev/key: a"), strict());
        annotate("warned", "taskqueue.dev/run-now=1");
        state("warned", "Succeeded");
        assertAnnotationWarns("taskqueue.dev/run-now=2", "this Task is Succeeded, so it has no effect; create a Task");
        assertAnnotationWarns("taskqueue.dev/redrive=1", "this Task is Succeeded");
        state("warned", "Failed");
        annotate("warned", "taskqueue.dev/redrive=2");
        plane.kubectl(
                "patch",
                "qtask",
                "warned",
                "-n",
                ORDERS,
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":{\"lastHandledRedrive\":\"3\"}}");
        assertAnnotationWarns("taskqueue.dev/redrive=3", "has the value 3, which was acted on before");
        // An annotation that is there already is not warned of again.
        plane.kubectl("annotate", "qtask", "warned", "-n", ORDERS, "taskqueue.dev/rerun=1");
        annotate("warned", "example.com/note=1");
    }

    private void annotate(String name, String annotation) {
        annotate("qtask", name, annotation);
    }

    private void annotate(String kind, String name, String annotation) {
        chart.plane().kubectl("annotate", kind, name, "-n", ORDERS, "--overwrite", "--warnings-as-errors", annotation);
    }

    private void state(String name, String state) {
        status("qtask", name, "{\"state\":\"" + state + "\"}");
    }

    private void status(String kind, String name, String status) {
        chart.plane()
                .kubectl(
                        "patch",
                        kind,
                        name,
                        "-n",
                        ORDERS,
                        "--subresource=status",
                        "--type=merge",
                        "-p",
                        "{\"status\":" + status + "}");
    }

    private void assertAnnotationWarns(String annotation, String warning) {
        assertThatThrownBy(() -> annotate("warned", annotation)).hasMessageContaining(warning);
        assertThat(chart.plane().kubectl("get", "qtask", "warned", "-n", ORDERS, "-o", "yaml"))
                .as("it is written all the same")
                .contains(annotation.replaceFirst("=.*", ":"));
    }

    /** With the flag kubectl fails if there is a warning, and its error shows the warning; without the flag it succeeds. */
    private void assertWarns(String manifest, String warning) {
        assertThatThrownBy(() -> chart.plane().kubectlWithInput(manifest, strict("--dry-run=server")))
                .isInstanceOf(KubectlFailed.class)
                .hasMessageContaining("Warning: ")
                .hasMessageContaining(warning);
        chart.plane().kubectlWithInput(manifest, "create", "-n", ORDERS, "--dry-run=server", "-f", "-");
    }
}
