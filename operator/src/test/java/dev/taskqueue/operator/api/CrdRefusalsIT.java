package dev.taskqueue.operator.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule refuses once, with the sentence that says what to change. */
class CrdRefusalsIT {
    private static final String BODY_FROM = "name that in bodyFrom";

    private static ControlPlane plane;
    private static String namespace;

    @BeforeAll
    static void start() {
        plane = ControlPlane.shared();
        namespace = plane.newNamespace();
    }

    static Stream<Arguments> tasks() {
        return Stream.of(
                argumentSet("delay and scheduleTime", "delay: 1s, scheduleTime: 2026-11-21T09:00:00Z", "not both"),
                argumentSet("a delay in words", "delay: 5 minutes", "spec.delay: Invalid value"),
                argumentSet("a time in words", "scheduleTime: tomorrow", "date-time"),
                argumentSet("an expiry in words", "expireTime: never", "date-time"),
                argumentSet("a deadline below a second", "dispatchDeadline: 999ms", "write 1s or more"),
                argumentSet("a ttl above a year", "ttlAfterFinished: 8761h", "at most 8760h"));
    }

    static Stream<Arguments> requests() {
        return Stream.of(
                argumentSet("a relative path", "path: tasks", "begins with \"/\""),
                argumentSet("a space in the path", "path: /a b", "percent-encode"),
                argumentSet("a fragment", "path: '/a#b'", "percent-encode"),
                argumentSet("not ASCII", "path: /ü", "percent-encode"),
                argumentSet("a path that is too long", "path: /" + "a".repeat(2083), "2083"),
                argumentSet("an unknown method", "method: TRACE", "Unsupported value: \"TRACE\""),
                argumentSet("port 0", "serviceRef: {name: a, port: 0}", "greater than or equal to 1"),
                argumentSet("port 65536", "serviceRef: {name: a, port: 65536}", "less than or equal to 65535"),
                argumentSet("no port name", "serviceRef: {name: a, port: A_b}", "its name in the Service"),
                argumentSet("two bodies, inline", "body: a, bodyBase64: YQ==", "at most one of body"),
                argumentSet(
                        "two bodies, body and reference",
                        "body: a, bodyFrom: {secretKeyRef: {name: a, key: b}}",
                        "at most one of body"),
                argumentSet(
                        "two bodies, base64 and reference",
                        "bodyBase64: YQ==, bodyFrom: {secretKeyRef: {name: a, key: b}}",
                        "at most one of body"),
                argumentSet("GET with a body", "method: GET, body: a", "use method POST, PUT or PATCH"),
                argumentSet("HEAD with a body", "method: HEAD, body: a", "use method POST, PUT or PATCH"),
                argumentSet("OPTIONS with a body", "method: OPTIONS, bodyBase64: YQ==", "use method POST"),
                argumentSet(
                        "DELETE with a body",
                        "method: DELETE, bodyFrom: {secretKeyRef: {name: a, key: b}}",
                        "use method POST, PUT or PATCH"),
                argumentSet("a body above 256 KiB", "body: " + "x".repeat(262_145), BODY_FROM),
                argumentSet("a body above 256 KiB in bytes only", "body: " + "ü".repeat(131_073), BODY_FROM),
                argumentSet("a base64 body above 256 KiB", "bodyBase64: " + "AAAA".repeat(87_382), BODY_FROM),
                argumentSet("base64 cut short", "bodyBase64: abc", "encode it anew"),
                argumentSet("base64 with too much padding", "bodyBase64: a===", "encode it anew"),
                argumentSet("base64 with a line break", "bodyBase64: \"ab\\ncd\"", "encode it anew"),
                argumentSet("a body from nowhere", "bodyFrom: {}", "exactly one of configMapKeyRef"),
                argumentSet(
                        "certificates from two places",
                        "tls: {caFrom: {secretKeyRef: {name: a, key: b}, configMapKeyRef: {name: a, key: b}}}",
                        "exactly one of configMapKeyRef"),
                argumentSet(
                        "a key with a slash",
                        "bodyFrom: {secretKeyRef: {name: a, key: b/c}}",
                        "secretKeyRef.key: Invalid value"),
                argumentSet("a token of nobody", "serviceAccountToken: {}", "serviceAccountName: Required value"));
    }

    static Stream<Arguments> headers() {
        return Stream.of(
                argumentSet("a space in a name", "headers: {X Key: a}", "correct the name"),
                argumentSet("an empty name", "headers: {'': a}", "correct the name"),
                argumentSet("a long name", "headers: {" + "a".repeat(129) + ": a}", "correct the name"),
                argumentSet("a line break in a value", "headers: {a: \"a\\nb\"}", "remove line breaks"),
                argumentSet("a value that is not ASCII", "headers: {a: ü}", "remove line breaks"),
                argumentSet("80 KB", "headers: {a: " + "x".repeat(81_919) + "}", "less than 80 KB"),
                argumentSet("65 headers", "headers: " + many(65), "at most 64 items"),
                argumentSet("a name in two ways", "headers: {A-b: x, a-B: y}", "differ in capitals only"),
                argumentSet(
                        "a secret name in two ways",
                        "secretHeaders: [" + secret("A-b") + ", " + secret("a-B") + "]",
                        "differ in capitals only"),
                argumentSet(
                        "a secret name twice",
                        "secretHeaders: [" + secret("a") + ", " + secret("a") + "]",
                        "Duplicate"),
                argumentSet(
                        "a name in both",
                        "headers: {x-key: a}, secretHeaders: [" + secret("X-Key") + "]",
                        "in both headers and secretHeaders"),
                argumentSet("a bad secret name", "secretHeaders: [" + secret("X Key") + "]", "correct the name"),
                argumentSet("a secret header from nowhere", "secretHeaders: [{name: a}]", "secretKeyRef: Required"));
    }

    static Stream<Arguments> authorizations() {
        String token = "serviceAccountToken: {serviceAccountName: a}, ";
        return Stream.of(
                argumentSet("in headers", token + "headers: {authorization: a}", "remove Authorization"),
                argumentSet(
                        "in secretHeaders",
                        token + "secretHeaders: [" + secret("AUTHORIZATION") + "]",
                        "remove Authorization"));
    }

    static Stream<Arguments> queues() {
        return Stream.of(
                argumentSet("an unknown state", "state: Stopped", "supported values: \"Paused\", \"Running\""),
                argumentSet("rate 0", rate("0"), "greater than or equal to 1"),
                argumentSet("rate \"0\"", rate("'0'"), "from 0.001 to 10000"),
                argumentSet("a negative rate", rate("'-1'"), "from 0.001 to 10000"),
                argumentSet("a rate too small", rate("'0.0009'"), "from 0.001 to 10000"),
                argumentSet("a rate too large", rate("10001"), "less than or equal to 10000"),
                argumentSet("a quantity too large", rate("11k"), "from 0.001 to 10000"),
                argumentSet("a rate in words", rate("fast"), "from 0.001 to 10000"),
                argumentSet("a fraction without quotes", rate("0.5"), "must be of type"),
                argumentSet("no attempt", "retry: {maxAttempts: 0}", "write 1 or more, or -1"),
                argumentSet("a year of retries", "retry: {maxRetryDuration: 721h}", "at most 720h"),
                argumentSet("minBackoff above a day", "retry: {minBackoff: 25h, maxBackoff: 24h}", "at most 24h"),
                argumentSet("maxBackoff above a day", "retry: {maxBackoff: 25h}", "at most 24h"),
                argumentSet(
                        "maxBackoff below minBackoff", "retry: {minBackoff: 2s, maxBackoff: 1s}", "raise maxBackoff"),
                argumentSet("minBackoff above the default", "retry: {minBackoff: 2h}", "raise maxBackoff"),
                argumentSet("maxBackoff below the default", "retry: {maxBackoff: 99ms}", "raise maxBackoff"),
                argumentSet("a status twice", "retry: {nonRetryableStatusCodes: [400, 400]}", "Duplicate value"),
                argumentSet("None and another family", "headerFamilies: [None, CloudTasks]", "None stands alone"),
                argumentSet("a family twice", "headerFamilies: [CloudTasks, CloudTasks]", "Duplicate value"),
                argumentSet("a deadline below a second", "dispatchDeadline: 10ms", "write 1s or more"),
                argumentSet("succeeded above a year", "retention: {succeeded: 8761h}", "at most 8760h"),
                argumentSet("failed above a year", "retention: {failed: 8761h}", "at most 8760h"),
                argumentSet("unfinished above a year", "retention: {unfinished: 8761h}", "at most 8760h"),
                argumentSet("unfinished 0s", "retention: {unfinished: 0s}", "longer than 0s"),
                argumentSet("days", "retention: {failed: 7d}", "retention.failed: Invalid value"),
                argumentSet("a dead-letter queue without a name", "deadLetter: {}", "queueRef: Required value"),
                argumentSet("a purge in words", "purgeBefore: yesterday", "date-time"));
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void ofATask(String field, String message) {
        assertRefused("Task", "{queueRef: {name: a}, " + field + "}", message);
    }

    @ParameterizedTest
    @MethodSource({"requests", "headers", "authorizations"})
    void ofATasksRequest(String field, String message) {
        assertRefused("Task", "{queueRef: {name: a}, httpRequest: {" + field + "}}", message);
    }

    @ParameterizedTest
    @MethodSource("headers")
    void ofAQueuesTarget(String field, String message) {
        assertRefused("TaskQueue", "{httpTarget: {" + field + "}}", message);
    }

    @ParameterizedTest
    @MethodSource("queues")
    void ofAQueue(String field, String message) {
        assertRefused("TaskQueue", "{" + field + "}", message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host",
                "content-length",
                "Transfer-Encoding",
                "Connection",
                "te",
                "Trailer",
                "Upgrade",
                "Expect",
                "Proxy-Authorization",
                "X-CloudTasks-QueueName",
                "x-appengine-queuename",
                "X-Google-X",
                "TaskQueue-Attempt"
            })
    void theOperatorsOwnHeaders(String name) {
        String own = "the operator sets this header itself";
        String task = "{queueRef: {name: a}, httpRequest: {%s}}";
        assertRefused("Task", task.formatted("headers: {" + name + ": a}"), own);
        assertRefused("Task", task.formatted("secretHeaders: [" + secret(name) + "]"), own);
        assertRefused("TaskQueue", "{httpTarget: {headers: {" + name + ": a}}}", own);
    }

    @ParameterizedTest
    @CsvSource({"Task, '{}', queueRef: Required value", "Task, '{queueRef: {name: A}}', queueRef.name: Invalid value"})
    void aTaskThatNamesNoQueue(String kind, String spec, String message) {
        assertRefused(kind, spec, message);
    }

    private static void assertRefused(String kind, String spec, String message) {
        var object = Manifests.resource(kind, spec);
        assertThatThrownBy(() -> plane.client()
                        .genericKubernetesResources("taskqueue.dev/v1beta1", kind)
                        .inNamespace(namespace)
                        .resource(object)
                        .dryRun()
                        .create())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(422))
                .hasMessageContaining(message);
    }

    private static String rate(String value) {
        return "rateLimits: {maxDispatchesPerSecond: " + value + "}";
    }

    private static String secret(String name) {
        return "{name: " + name + ", secretKeyRef: {name: a, key: b}}";
    }

    private static String many(int count) {
        Map<String, String> headers =
                IntStream.range(0, count).boxed().collect(Collectors.toMap(i -> "x-" + i, i -> "v"));
        return headers.toString().replace("=", ": ");
    }
}
