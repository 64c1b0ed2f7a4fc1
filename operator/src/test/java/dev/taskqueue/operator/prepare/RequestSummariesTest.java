package dev.taskqueue.operator.prepare;

import static dev.taskqueue.operator.testing.TestingTasks.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingTasks;
import java.net.InetAddress;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the summary of a request in status. */
class RequestSummariesTest {
    private static final Target HTTPS = new Target(true, InetAddress.getLoopbackAddress(), 8443, "worker.shop.svc", 0);

    @Test
    void itSaysWhatGoesWhereAndWhatIsTheQueues() {
        assertThat(of("""
                {headers: {'X-Own': 'private'}, bodyFrom: {configMapKeyRef: {name: 'c', key: 'k'}}, path: '/a?b'}""", """
                {serviceRef: {name: 'worker'}, method: 'PUT', serviceAccountToken: {serviceAccountName: 'caller'},
                 secretHeaders: [{name: 'X-Key', secretKeyRef: {name: 'private', key: 'private'}}]}""", HTTPS)).isEqualTo(json("""
                {method: 'PUT', url: 'https://worker.shop.svc:8443/a?b', headers: ['X-Own'], secretHeaders: ['X-Key'],
                 body: 'ConfigMap c, key k', serviceAccountName: 'caller', audience: 'https://worker.shop.svc',
                 fromQueue: ['serviceRef', 'method', 'serviceAccountToken', 'secretHeaders.X-Key'], queueGeneration: 7}"""));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {body: 'x'} | `"inline"`
            {bodyBase64: 'eA=='} | `"inline"`
            {bodyFrom: {secretKeyRef: {name: 's', key: 'k'}}} | `"Secret s, key k"`
            {} | ``
            {body: 'x', method: 'GET'} | ``
            """)
    void itSaysWhereTheBodyLies(String request, String body) {
        assertThat(of(request, "{}", HTTPS).path("body").toString()).isEqualTo(body);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {} | worker.shop.svc/ | ``
            {scheme: 'HTTPS'} | https://worker.shop.svc/ | https://worker.shop.svc
            {serviceRef: {name: 'worker', port: 8080}, path: '/a'} | worker.shop.svc:8080/a | ``
            {serviceAccountToken: {serviceAccountName: 'caller', audience: 'me'}} | worker.shop.svc/ | me
            """)
    void ofATargetThatIsNotKnownItSaysWhatIsKnown(String request, String url, String audience) {
        String target = "{serviceRef: {name: 'worker'}, serviceAccountToken: {serviceAccountName: 'caller'}}";
        assertThat(of(request, target, null).path("url").asText()).isEqualTo(url);
        assertThat(of(request, target, null).path("audience").asText()).isEqualTo(audience);
        assertThat(of("{}", "{}", null).has("url")).isFalse();
    }

    @Test
    void everythingInItIsBounded() {
        String names = IntStream.range(0, 64)
                .mapToObj(i -> "'X-%d-%s': '1'".formatted(i, "x".repeat(200)))
                .collect(Collectors.joining(", ", "{", "}"));
        JsonNode request = of(
                "{headers: %s, path: '/%s'}".formatted(names.replace("X-", "Y-"), "p".repeat(5000)),
                "{headers: %s}".formatted(names),
                HTTPS);
        assertThat(request.path("url").asText()).hasSize(2560).endsWith("...");
        assertThat(request.path("headers"))
                .hasSize(128)
                .allMatch(name -> name.asText().length() <= 128);
        assertThat(request.path("fromQueue"))
                .hasSize(64)
                .allMatch(name -> name.asText().length() <= 160);
    }

    private static JsonNode of(String request, String target, @Nullable Target resolved) {
        TaskObject task = TaskReader.read(
                TestingTasks.task("a", 1, "", "{queueRef: {name: 'orders'}, httpRequest: " + request + "}"));
        QueueProfile profile = QueueProfile.read(
                        TestingTasks.read("{httpTarget: " + target + "}", TaskQueueSpec.class), false)
                .withGeneration(7);
        EffectiveRequest effective = EffectiveRequest.of(Objects.requireNonNull(task.spec()), profile.httpTarget());
        RequestSummary summary = RequestSummaries.of(task, profile, effective, resolved);
        return json(TaskJson.MAPPER.valueToTree(summary).toString());
    }
}
