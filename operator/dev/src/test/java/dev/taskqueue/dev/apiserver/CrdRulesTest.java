package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.taskqueue.dev.apiserver.Resources.FieldValidation;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks that the embedded API server refuses every mistake that a real one refuses, with the same sentence. The rows are those that the operator's
 * own tests send to a real API server. No mistake is left for the operator to report as InvalidSpec.
 */
class CrdRulesTest {
    private static final List<Crd> CRDS = Crd.ours();

    /** A line of the table. */
    record Row(String what, String kind, String spec, String message) {}

    static List<Row> rows() throws IOException {
        try (var file = CrdRulesTest.class.getResourceAsStream("/crd-refusals.yaml")) {
            return new YAMLMapper().readValue(Objects.requireNonNull(file), new TypeReference<>() {});
        }
    }

    static Stream<Arguments> refusals() throws IOException {
        return rows().stream().map(row -> argumentSet(row.kind + ": " + row.what, row));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void everyMistakeIsRefusedWithTheSentenceThatSaysWhatToChange(Row row) {
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> admit(row.kind, Trees.repeated(row.spec)))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(422))
                .withMessageContaining(row.message);
    }

    /** All rows except those for immutability, which need two objects and have their own test. */
    @Test
    void noRuleOfTheCrdsIsWithoutARow() throws IOException {
        var told = new StringBuilder();
        for (Row row : rows()) {
            try {
                admit(row.kind, Trees.repeated(row.spec));
            } catch (ApiFailure refusal) {
                told.append(row.kind).append(refusal.getMessage());
            }
        }
        var rules = new TreeSet<String>();
        CRDS.forEach(crd -> collect(rules(crd).schema(), rules));
        assertThat(rules).hasSizeGreaterThan(20);
        assertThat(rules.stream().filter(rule -> told.indexOf(rule) < 0).collect(Collectors.toSet()))
                .as("rules about changes")
                .allMatch(rule -> rule.matches("the spec of a (Task|TaskBatch) never changes.*"))
                .hasSize(2);
    }

    /** ReadBackIT sends these values, and more, to a real API server. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "expireTime: '2026-11-21T09:00:00Z'",
                "expireTime: '2026-11-21T05:00:00.123456789-18:00'",
                "expireTime: '2028-02-29T00:00:00Z'",
                "expireTime: '0001-01-01T00:00:00+00:00'",
                "expireTime: '9999-12-31T23:59:59.999999999Z'",
                "delay: 99999h99999m",
                "delay: 0s",
                "dispatchDeadline: 5h5h"
            })
    void anOddTimeOrDurationThatIsOneIsTaken(String field) {
        assertThatCode(() -> admit("Task", "{queueRef: {name: a}, " + field + "}"))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-21T09:00:00z",
                "2026-11-21t09:00:00Z",
                "2026-11-21T05:00:00,5Z",
                "2026-11-21T05:00:00.1234567890123Z",
                "2026-11-21T05:00:00+18:01",
                "2026-11-21T05:00:00+24:00",
                "2026-12-31T23:59:60Z",
                "1900-02-29T00:00:00Z",
                "2026-04-31T00:00:00Z",
                "0000-01-01T00:00:00Z",
                "0001-01-01T00:00:00+01:00",
                "9999-12-31T23:59:59-01:00",
                "2026-11-21T09:00:00Ztail"
            })
    void anOddTimeThatNotAllReadIsRefused(String time) {
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> admit("Task", "{queueRef: {name: a}, scheduleTime: '" + time + "'}"))
                .withMessageContaining("write a time of the calendar");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'1e3'", "500m", "'.5'", "'5.'", "'+5'", "1Ki", "'0.0009999999'", "1000000n"})
    void anOddQuantityIsARate(String rate) {
        assertThatCode(() -> admit("TaskQueue", "{rateLimits: {maxDispatchesPerSecond: " + rate + "}}"))
                .doesNotThrowAnyException();
    }

    @Test
    void aTasksSpecNeverChangesAndItsMetadataMay() {
        ResourceType tasks = type("Task");
        ObjectNode before = Trees.object("Task", "t", "{queueRef: {name: a}, httpRequest: {body: x}}");
        Admission.admit(tasks, before, null, FieldValidation.STRICT);
        ObjectNode after = before.deepCopy();
        Metadata.of(after).putObject("annotations").put("taskqueue.dev/run-now", "1");
        assertThat(Admission.admit(tasks, after, before, FieldValidation.STRICT))
                .isEmpty();
        after.withObject("/spec/httpRequest").put("body", "y");
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> Admission.admit(tasks, after, before, FieldValidation.STRICT))
                .withMessageContaining("the spec of a Task never changes");
    }

    @Test
    void aBatchsSpecNeverChangesAndItsStatusMay() {
        ResourceType batches = type("TaskBatch");
        ObjectNode before = Trees.object("TaskBatch", "b", "{queueRef: {name: a}, lines: '{}'}");
        ObjectNode written = before.deepCopy();
        Admission.admit(batches, before, null, FieldValidation.STRICT);
        assertThat(before.path("spec")).isEqualTo(written.path("spec"));
        assertThat(before.at("/status/state").asText()).isEqualTo("Pending");
        ObjectNode after = before.deepCopy();
        after.withObject("/status")
                .put("progress", "1/1")
                .withObject("/retries")
                .put("0", "0:1/1/0@0+100!503");
        assertThat(Admission.admit(batches, after, before, FieldValidation.STRICT))
                .isEmpty();
        after.withObject("/spec").put("lines", "{} ");
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> Admission.admit(batches, after, before, FieldValidation.STRICT))
                .withMessageContaining("the spec of a TaskBatch never changes");
    }

    @Test
    void whatWasWrongBeforeDoesNotStopAWriteElsewhere() {
        ObjectNode before = Trees.object("Task", "t", "{queueRef: {name: a}, httpRequest: {path: wrong}}");
        ObjectNode after = before.deepCopy();
        after.putObject("status").put("state", "Failed");
        assertThat(Admission.admit(type("Task"), after, before, FieldValidation.STRICT))
                .isEmpty();
    }

    @Test
    void aTaskQueueGetsAllDefaultsAndATaskOnlyItsState() {
        ObjectNode queue = Trees.of("{metadata: {name: q}}");
        Admission.admit(type("TaskQueue"), queue, null, FieldValidation.STRICT);
        assertThat(queue.path("spec")).isEqualTo(Trees.resource("/crd-defaults.yaml"));
        ObjectNode task = Trees.object("Task", "t", "{queueRef: {name: a}, httpRequest: {}}");
        Admission.admit(type("Task"), task, null, FieldValidation.STRICT);
        assertThat(task.path("spec")).isEqualTo(Trees.of("{queueRef: {name: a}, httpRequest: {}}"));
        assertThat(task.path("status")).isEqualTo(Trees.of("""
                {state: Pending, conditions: [{type: Succeeded, status: Unknown, reason: Pending,
                  message: The operator has not reported on it yet., lastTransitionTime: '1970-01-01T00:00:00Z'}]}"""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{a: {b: [1, null, {c: null}]}}", "false", "0", "''", "[]", "{}"})
    void aJsonBodyIsKeptAsItIsAndNeverChanges(String json) {
        ObjectNode before = Trees.object("Task", "t", "{queueRef: {name: a}, httpRequest: {json: " + json + "}}");
        ObjectNode written = before.deepCopy();
        assertThat(Admission.admit(type("Task"), before, null, FieldValidation.STRICT))
                .isEmpty();
        assertThat(before.path("spec")).isEqualTo(written.path("spec"));
        ObjectNode after = before.deepCopy();
        after.withObject("/spec/httpRequest").put("json", "other");
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> Admission.admit(type("Task"), after, before, FieldValidation.STRICT))
                .withMessageContaining("the spec of a Task never changes");
    }

    @Test
    void fieldsNobodyKnowsAreRefusedToldOrDropped() {
        String spec = "{queueRef: {name: a, x: 1}, httpRequest: {boody: b}, delay: null}";
        ObjectNode task = Trees.object("Task", "t", spec);
        assertThatExceptionOfType(ApiFailure.class)
                .isThrownBy(() -> Admission.admit(type("Task"), task.deepCopy(), null, FieldValidation.STRICT))
                .withMessageContaining("unknown field \"spec.httpRequest.boody\"");
        assertThat(Admission.admit(type("Task"), task.deepCopy(), null, FieldValidation.WARN))
                .containsExactly("unknown field \"spec.queueRef.x\"", "unknown field \"spec.httpRequest.boody\"");
        assertThat(Admission.admit(type("Task"), task, null, FieldValidation.IGNORE))
                .isEmpty();
        assertThat(task.path("spec")).isEqualTo(Trees.of("{queueRef: {name: a}, httpRequest: {}}"));
    }

    private static void admit(String kind, String spec) {
        Admission.admit(type(kind), Trees.object(kind, "x", spec), null, FieldValidation.STRICT);
    }

    private static ResourceType type(String kind) {
        return CRDS.stream()
                .map(Crd::type)
                .filter(type -> type.kind().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private static CustomRules rules(Crd crd) {
        return Objects.requireNonNull(crd.type().custom());
    }

    private static void collect(JsonNode schema, Set<String> rules) {
        schema.path("x-kubernetes-validations")
                .forEach(rule -> rules.add(rule.path("message").asText()));
        schema.forEach(inner -> collect(inner, rules));
    }
}
