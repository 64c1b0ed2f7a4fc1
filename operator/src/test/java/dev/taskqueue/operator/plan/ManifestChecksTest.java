package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.plan.TestingPlan.queue;
import static dev.taskqueue.operator.plan.TestingPlan.reading;
import static dev.taskqueue.operator.plan.TestingPlan.task;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Types of values, names, annotations, and the Services that are in the same files. */
class ManifestChecksTest {
    private static final String CALM = "rateLimits: {maxDispatchesPerSecond: 2, maxBurstSize: 2, maxConcurrentDispatches: 5}";
    private static final String QUIET = queue("quiet", CALM + ", httpTarget: {serviceRef: {name: worker}}");

    private static final String SERVICE = """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: worker}
            spec: {ports: [{name: http, port: 8080}, {name: admin, port: 9090}, {name: dns, port: 53, protocol: UDP}]}
            """;

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "httpRequest: {body: {a: 1}} | spec.httpRequest.body is an object: write it as a string, '{\\\"a\\\":1}', or move it to httpRequest.json, which takes any JSON value.",
                "httpRequest: {body: [1, 2]} | spec.httpRequest.body is a list: write it as a string, '[1,2]', or move it to httpRequest.json, which takes any JSON value.",
                "httpRequest: {body: 5} | spec.httpRequest.body is the number 5: write it in quotes, \\\"5\\\".",
                "httpRequest: {path: true} | spec.httpRequest.path is true without quotes: write it in quotes, \\\"true\\\".",
                "httpRequest: {headers: {X-Env: 1}} | spec.httpRequest.headers.X-Env is the number 1: write it in quotes, \\\"1\\\".",
                "httpRequest: {headers: [a]} | spec.httpRequest.headers is a list: write an object, fields with values.",
                "httpRequest: text | spec.httpRequest is a string: write an object, fields with values.",
                "httpRequest: {secretHeaders: {a: b}} | spec.httpRequest.secretHeaders is an object: write a list.",
                "delay: 5 | spec.delay is the number 5: write it in quotes, \\\"5\\\".",
            })
    void aValueOfAWrongTypeIsOneErrorThatSaysWhatToWrite(String field, String sentence) {
        TestingPlan plan = reading(QUIET + task("t", field), "--backlog", "10");

        assertThat(plan.findings()).containsExactly("error WrongType");
        assertThat(plan.sentence("WrongType")).isEqualTo(sentence.replace("\\\"", "\""));
        assertThat(plan.lines()).contains("t  never: refused");
        assertThat(plan.exit()).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "retry: {maxAttempts: '5'} | spec.retry.maxAttempts is a string: write a whole number without quotes.",
                "retry: {maxAttempts: 1.5} | spec.retry.maxAttempts is the number 1.5: write a whole number.",
                "retry: {maxAttempts: {}}  | spec.retry.maxAttempts is an object: write a whole number.",
                "rateLimits: 5             | spec.rateLimits is the number 5: write an object, fields with values.",
                "headerFamilies: AppEngine | spec.headerFamilies is a string: write a list.",
            })
    void theSameHoldsForQueues(String field, String sentence) {
        TestingPlan plan = reading(queue("quiet", field));

        assertThat(plan.findings()).containsExactly("error WrongType");
        assertThat(plan.sentence("WrongType")).isEqualTo(sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"A_b", "a_b", "-a", "a-", "a..b", "Order", "order 1"})
    void aNameThatTheApiServerRefusesIsAnError(String name) {
        assertThat(reading(QUIET + task(name, "delay: 5s"), "--backlog", "10").findings())
                .containsExactly("error InvalidName");
        assertThat(reading(queue(name, CALM), "--backlog", "10").findings()).containsExactly("error InvalidName");
    }

    @Test
    void aNameErrorSaysWhatToWrite() {
        assertThat(reading(QUIET + task("A_b", "delay: 5s"), "--backlog", "10").sentence("InvalidName"))
                .isEqualTo(
                        "metadata.name \"A_b\" is no name for an object: write at most 253 lower-case letters, digits, \"-\" and \".\", with a letter or digit at both ends.");
        assertThat(reading(QUIET + task("t", "delay: 5s"), "--backlog", "10", "--namespace", "a.b")
                        .findings())
                .containsOnly("error InvalidName");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b-c", "0", "order-4711.x"})
    void otherNamesAreFine(String name) {
        assertThat(reading(QUIET + task(name, "delay: 5s"), "--backlog", "10").findings())
                .isEmpty();
        assertThat(reading(
                                QUIET + task("t", "delay: 5s").replace("{name: t}", "{generateName: " + name + "-}"),
                                "--backlog",
                                "10")
                        .findings())
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "taskqueue.dev/Hold     | The annotation taskqueue.dev/Hold has no effect on a TaskQueue: did you mean taskqueue.dev/hold?",
                "taskqueue.dev/hold-til | The annotation taskqueue.dev/hold-til has no effect on a TaskQueue: did you mean taskqueue.dev/hold-until?",
                "taskqueue.dev/run-now  | The annotation taskqueue.dev/run-now has no effect on a TaskQueue: it is an annotation of a Task.",
                "taskqueue.dev/colour-of-it | The annotation taskqueue.dev/colour-of-it has no effect on a TaskQueue: write one of taskqueue.dev/hold, taskqueue.dev/hold-until, taskqueue.dev/redrive.",
            })
    void anAnnotationThatNobodyReadsIsAWarning(String annotation, String sentence) {
        TestingPlan plan =
                reading(QUIET.replace("{name: quiet}", "{name: quiet, annotations: {%s: x}}".formatted(annotation)), "--backlog", "10");

        assertThat(plan.findings()).containsExactly("warning UnknownAnnotation");
        assertThat(plan.sentence("UnknownAnnotation")).isEqualTo(sentence);
    }

    @Test
    void annotationsOfTasksAreTheirOwn() {
        String misspelt = task("t", "delay: 5s").replace("{name: t}", "{name: t, annotations: {taskqueue.dev/rerun: '1', taskqueue.dev/key: a_b, other.dev/x: y}}");

        assertThat(reading(QUIET + misspelt, "--backlog", "10").findings()).containsExactly("warning UnknownAnnotation");
        assertThat(reading(QUIET + misspelt, "--backlog", "10").sentence("UnknownAnnotation"))
                .isEqualTo(
                        "The annotation taskqueue.dev/rerun has no effect on a Task: write one of taskqueue.dev/key, taskqueue.dev/redrive, taskqueue.dev/run-now.");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{name: worker, port: grpc} | Service default/worker has no port \"grpc\": name one of http (8080), admin (9090) in serviceRef.port.",
                "{name: worker, port: 81}   | Service default/worker has no port \"81\": name one of http (8080), admin (9090) in serviceRef.port.",
                "{name: worker, port: dns}  | Service default/worker has no port \"dns\": name one of http (8080), admin (9090) in serviceRef.port.",
                "{name: worker}             | Service default/worker has several ports: name one of http (8080), admin (9090) in serviceRef.port.",
            })
    void thePortOfAServiceInTheFilesIsChecked(String ref, String sentence) {
        TestingPlan ofTask = reading(SERVICE + queue("quiet", CALM + ", httpTarget: {serviceRef: {name: other}}")
                + task("t", "httpRequest: {serviceRef: %s}".formatted(ref)), "--backlog", "10");
        TestingPlan ofQueue =
                reading(SERVICE + queue("quiet", CALM + ", httpTarget: {serviceRef: %s}".formatted(ref)) + task("t", "delay: 5s"), "--backlog", "10");

        assertThat(ofTask.findings()).containsExactly("warning TargetNotFound");
        assertThat(ofTask.sentence("TargetNotFound")).isEqualTo(sentence);
        assertThat(ofQueue.findings()).containsExactly("warning TargetNotFound");
        assertThat(ofQueue.sentence("TargetNotFound")).isEqualTo(sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{name: worker, port: http}", "{name: worker, port: 9090}", "{name: worker, port: '9090'}", "{name: other}"})
    void aPortThatExistsAndAServiceElsewhereAreFine(String ref) {
        assertThat(reading(SERVICE + QUIET.replace("{name: worker}", ref) + task("t", "delay: 5s"), "--backlog", "10")
                        .findings())
                .isEmpty();
    }

    @Test
    void anExternalNameIsRefused() {
        String external = "---\n{apiVersion: v1, kind: Service, metadata: {name: worker}, spec: {type: ExternalName}}\n";

        assertThat(reading(external + QUIET, "--backlog", "10").findings()).containsExactly("warning TargetRefused");
    }

    @Test
    void aServiceOfAnotherNamespaceDoesNotCount() {
        assertThat(reading(SERVICE.replace("{name: worker}", "{name: worker, namespace: b}") + QUIET, "--backlog", "10")
                        .findings())
                .isEmpty();
    }
}
