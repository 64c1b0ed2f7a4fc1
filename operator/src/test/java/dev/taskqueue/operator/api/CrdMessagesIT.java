package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.KubectlFailed;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What kubectl prints of a refusal: a short sentence that says what to write, and never a body. */
class CrdMessagesIT {
    private static ControlPlane plane;
    private static String namespace;

    @BeforeAll
    static void start() {
        plane = ControlPlane.shared();
        namespace = plane.newNamespace();
    }

    @ParameterizedTest
    @CsvSource({
        "body, x, 300000, bodyFrom",
        "body, €, 100000, bodyFrom",
        "body, x, 1600000, Too long",
        "bodyBase64, AAAA, 100000, bodyFrom",
        "bodyBase64, AAA, 4001, such as by base64 -w0",
    })
    void aBodyIsNotPrinted(String field, String part, int count, String sentence) {
        String said =
                refusal("Task", "{queueRef: {name: a}, httpRequest: {" + field + ": " + part.repeat(count) + "}}");
        assertThat(said).contains("spec.httpRequest." + field + ":", sentence).doesNotContain(part.repeat(9));
        assertThat(said.length()).isLessThan(500);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{queueRef: {name: a}, httpRequest: {json: {password: pa55word}, body: pa55word}}",
                "{queueRef: {name: a}, httpRequest: {method: GET, json: {password: pa55word}}}",
                "{queueRef: {name: a}, httpRequest: {headers: {Host: pa55word}}}",
                "{queueRef: {name: a}, httpRequest: {headers: {X: \"pa55word\\n\"}}}",
                "{queueRef: {name: a}, httpRequest: {body: [pa55word]}}"
            })
    void norAreHeadersAndJson(String spec) {
        assertThat(refusal("Task", spec)).contains("is invalid").doesNotContain("pa55word");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Task      | {queueRef: {name: a}, delay: 2d}                               | spec.delay: Invalid value: "2d": write a duration as whole numbers with the units h, m, s and ms, such as 10s, 1h30m, or 48h for two days
            Task      | {queueRef: {name: a}, ttlAfterFinished: 1.5h}                  | spec.ttlAfterFinished: Invalid value: "1.5h": write a duration as whole numbers
            TaskQueue | {dispatchDeadline: 1d}                                         | spec.dispatchDeadline: Invalid value: "1d": write a duration as whole numbers
            TaskQueue | {retention: {failed: 7d}}                                      | spec.retention.failed: Invalid value: "7d": write a duration as whole numbers
            Task      | {queueRef: {name: a}, scheduleTime: '2026-11-21T09:00:00'}     | spec.scheduleTime: Invalid value: "2026-11-21T09:00:00": write a time of the calendar with its zone, such as 2026-11-21T09:00:00Z or 2026-11-21T10:00:00+01:00
            Task      | {queueRef: {name: a}, expireTime: '2026-11-21'}                | spec.expireTime: Invalid value: "2026-11-21": write a time of the calendar with its zone
            Task      | {queueRef: {name: a}, scheduleTime: '2026-11-29T03:00:00Z', expireTime: '2026-11-29T02:30:00Z'} | expireTime is before scheduleTime, so the Task would never be sent
            TaskQueue | {rateLimits: {maxDispatchesPerSecond: '0.00001'}}              | maxDispatchesPerSecond is a quantity from 0.001 to 10000, such as 25, "0.5" (in quotes) or 500m
            TaskQueue | {rateLimits: {maxDispatchesPerSecond: 0}}                      | maxDispatchesPerSecond is a quantity from 0.001 to 10000, such as 25, "0.5" (in quotes) or 500m
            """)
    void aRefusalSaysWhatToWrite(String kind, String spec, String sentence) {
        assertThat(refusal(kind, spec)).contains(sentence);
    }

    /** Kubernetes evaluates no rule of a field that has a wrong type, so no sentence of ours can be there. */
    @Test
    void aFractionWithoutQuotesIsRefusedInOneLineAboutItsType() {
        String said = refusal("TaskQueue", "{rateLimits: {maxDispatchesPerSecond: 0.1}}");
        assertThat(said.lines().filter(line -> line.startsWith("* ")).toList())
                .hasSize(2)
                .first()
                .asString()
                .endsWith("in body must be of type integer,string: \"number\"");
    }

    private static String refusal(String kind, String spec) {
        String manifest = "---\napiVersion: taskqueue.dev/v1beta1\nkind: %s\nmetadata: {name: x}\nspec: %s\n"
                .formatted(kind, spec);
        try {
            return "created: "
                    + plane.kubectlWithInput(manifest, "create", "-n", namespace, "--dry-run=server", "-f", "-");
        } catch (KubectlFailed refused) {
            return String.valueOf(refused.getMessage());
        }
    }
}
