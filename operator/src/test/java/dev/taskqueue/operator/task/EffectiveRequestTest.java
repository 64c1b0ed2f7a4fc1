package dev.taskqueue.operator.task;

import static dev.taskqueue.operator.testing.TestingTasks.read;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.Method;
import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.api.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EffectiveRequestTest {
    private static final String TASK = """
            {serviceRef: {name: 'mine'}, scheme: 'HTTPS', path: '/mine', method: 'PUT',
             headers: {'X-Own': '1', 'X-Both': 'mine'}, body: 'ä',
             serviceAccountToken: {serviceAccountName: 'mine'}}""";
    private static final String QUEUE = """
            serviceRef: {name: 'queues'}, scheme: 'HTTP', path: '/queues', method: 'GET',
             headers: {'X-Queue': '2', 'x-both': 'queues'}, serviceAccountToken: {serviceAccountName: 'queues'}""";
    private static final String WHOLE = """
            serviceRef: {name: '%1$s'}, scheme: '%2$s', path: '/%1$s', method: '%3$s',
             headers: {'X-Both': '%1$s', 'X-%1$s': '1', Authorization: 'Basic x'},
             secretHeaders: [{name: 'X-Secret-%1$s', secretKeyRef: {name: '%1$s', key: 'k'}}],
             serviceAccountToken: {serviceAccountName: '%1$s'}, tls: {serverName: '%1$s'}""";
    private static final String WHOLE_TASK = "{" + WHOLE.formatted("mine", "HTTPS", "PUT") + "}";
    private static final String WHOLE_QUEUE = WHOLE.formatted("queues", "HTTP", "PATCH");

    /** Another path gives the same as merging everything again. */
    @ParameterizedTest(name = "[{index}]")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "none",
            value = {
                "none | none",
                "/b | none",
                "none | {path: '/queues'}",
                "/b | {path: '/queues'}",
                "/b | {mode: 'Always', path: '/queues'}",
                "none | {mode: 'Always', path: '/queues'}",
                "/b | {mode: 'Always', method: 'PUT'}",
            })
    void anotherPathChangesNothingElse(@Nullable String path, @Nullable String queue) {
        HttpTarget target = queue == null ? null : read(queue, HttpTarget.class);
        String rest = "serviceRef: {name: 'mine'}, headers: {'X-Own': '1'}, tls: {serverName: 'a'}}";
        HttpRequest other = read(path == null ? "{" + rest : "{path: '" + path + "', " + rest, HttpRequest.class);
        EffectiveRequest first = EffectiveRequest.of(read("{path: '/a', " + rest, HttpRequest.class), target);
        assertThat(first.withPath(path, target))
                .usingRecursiveComparison()
                .isEqualTo(EffectiveRequest.of(other, target));
    }

    @Test
    void aTaskThatSaysNothingIsAPostToTheRoot() {
        EffectiveRequest request = of("{}", null);
        assertThat(request.serviceRef()).isNull();
        assertThat(request.scheme()).isNull();
        assertThat(request.path()).isEqualTo("/");
        assertThat(request.method()).isEqualTo(Method.POST);
        assertThat(request.headers()).isEmpty();
        assertThat(request.body()).isEmpty();
        assertThat(request.serviceAccountToken()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"''", "'mode: ''IfNotPresent'', '"})
    void theTaskWinsUnlessTheQueueSaysOtherwise(String mode) {
        EffectiveRequest request = of(TASK, mode + QUEUE);
        assertThat(request.serviceRef()).isEqualTo(new ServiceRef("mine", null));
        assertThat(request.scheme()).isEqualTo(Scheme.HTTPS);
        assertThat(request.path()).isEqualTo("/mine");
        assertThat(request.method()).isEqualTo(Method.PUT);
        assertThat(name(request)).isEqualTo("mine");
        assertThat(Map.copyOf(request.headers())).isEqualTo(Map.of("X-Own", "1", "X-Queue", "2", "X-Both", "mine"));
    }

    @Test
    void withAlwaysTheQueueWins() {
        EffectiveRequest request = of(TASK, "mode: 'Always', " + QUEUE);
        assertThat(request.serviceRef()).isEqualTo(new ServiceRef("queues", null));
        assertThat(request.scheme()).isEqualTo(Scheme.HTTP);
        assertThat(request.path()).isEqualTo("/queues");
        assertThat(request.method()).isEqualTo(Method.GET);
        assertThat(name(request)).isEqualTo("queues");
        assertThat(Map.copyOf(request.headers())).isEqualTo(Map.of("X-Own", "1", "X-Queue", "2", "x-both", "queues"));
    }

    @Test
    void whatOneLeavesOutComesFromTheOther() {
        EffectiveRequest fromTheQueue = of("{}", QUEUE);
        assertThat(fromTheQueue.path()).isEqualTo("/queues");
        assertThat(name(fromTheQueue)).isEqualTo("queues");
        EffectiveRequest fromTheTask = of(TASK, "mode: 'Always'");
        assertThat(fromTheTask.path()).isEqualTo("/mine");
        assertThat(fromTheTask.method()).isEqualTo(Method.PUT);
        assertThat(name(fromTheTask)).isEqualTo("mine");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {"{body: 'ä'}, ä", "{bodyBase64: 'w6Q='}, ä", "{body: ''}, ``", "{}, ``"})
    void theBodyIsTheTasksOwnInBytes(String own, String body) {
        assertThat(of(own, "mode: 'Always', path: '/queues'").body()).asString().isEqualTo(body);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {b: {'é €': [1, null, true]}, a: ''} | {"b":{"é €":[1,null,true]},"a":""}
            9223372036854775807                | 9223372036854775807
            [1e+21, 0.1, 1.5e-07]              | [1E+21,0.1,1.5E-7]
            false                              | false
            0                                  | 0
            ''                                 | ""
            []                                 | []
            {}                                 | {}
            """)
    void aJsonBodyIsSentCompactWithItsNumbersAsTheyWere(String json, String sent) {
        EffectiveRequest request = of("{json: " + json + "}", null);
        assertThat(request.body()).asString(StandardCharsets.UTF_8).isEqualTo(sent);
        assertThat(request.headers()).containsExactly(Map.entry("Content-Type", "application/json"));
    }

    @Test
    void nullIsNoJsonBody() {
        EffectiveRequest request = of("{json: null}", null);
        assertThat(request.body()).isEmpty();
        assertThat(request.headers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            headers: {'content-type': 'application/ld+json'}                                 | path: '/x'                            | application/ld+json
            path: '/x'                                                                       | headers: {'CONTENT-TYPE': 'text/json'} | text/json
            headers: {'Content-Type': 'text/plain'}                                          | mode: 'Always', headers: {'Content-Type': 'a/b'} | a/b
            """)
    void theContentTypeOfTheTaskOrItsQueueReplacesThatOfJson(String own, String queue, String sent) {
        EffectiveRequest request = of("{json: {a: 1}, " + own + "}", queue);
        assertThat(request.headers().values()).containsExactly(sent);
    }

    @Test
    void aContentTypeFromASecretStays() {
        EffectiveRequest request = of(
                "{json: {a: 1}, secretHeaders: [{name: 'content-type', secretKeyRef: {name: 's', key: 'k'}}]}", null);
        assertThat(request.headers()).isEmpty();
    }

    @Test
    void jsonThatTheQueuesMethodDoesNotCarryIsNotSentAndHasNoType() {
        EffectiveRequest request = of("{json: {a: 1}}", "mode: 'Always', method: 'GET'");
        assertThat(request.body()).isEmpty();
        assertThat(request.headers()).isEmpty();
    }

    @Test
    void aBodyThatTheQueuesMethodDoesNotCarryIsNotSent() {
        assertThat(of(TASK, "mode: 'Always', " + QUEUE).body()).isEmpty();
        assertThat(EffectiveRequest.merged(null, null).body()).isNull();
    }

    @Test
    void aTokenTakesThePlaceOfAnAuthorization() {
        EffectiveRequest request = of(
                "{headers: {authorization: 'Basic x', 'X-Own': '1'}}",
                "serviceAccountToken: {serviceAccountName: 'queues'}");
        assertThat(request.headers()).containsOnlyKeys("X-Own");
    }

    @Test
    void aSecretHeaderAndAPlainOneOfTheSameNameAreOneAndTheWinnersStays() {
        String task =
                "{headers: {'X-Api-Key': 'plain'}, secretHeaders: [{name: 'X-Other', secretKeyRef: {name: 's', key: 'k'}}]}";
        String queue =
                "secretHeaders: [{name: 'x-api-key', secretKeyRef: {name: 's', key: 'k'}}], headers: {'x-other': '1'}";
        HttpRequest taskWins = merged(task, queue);
        assertThat(taskWins.headers()).containsOnlyKeys("X-Api-Key");
        assertThat(taskWins.secretHeaders()).extracting(SecretHeader::name).containsExactly("X-Other");
        HttpRequest queueWins = merged(task, "mode: 'Always', " + queue);
        assertThat(queueWins.headers()).containsOnlyKeys("x-other");
        assertThat(queueWins.secretHeaders()).extracting(SecretHeader::name).containsExactly("x-api-key");
    }

    @Test
    void whatIsTheQueuesIsNamed() {
        assertThat(fromQueue(WHOLE_TASK, WHOLE_QUEUE))
                .containsExactly("headers.X-queues", "secretHeaders.X-Secret-queues");
        assertThat(fromQueue(WHOLE_TASK, "mode: 'Always', " + WHOLE_QUEUE))
                .containsExactly(
                        "serviceRef",
                        "scheme",
                        "path",
                        "method",
                        "serviceAccountToken",
                        "tls",
                        "headers.X-Both",
                        "headers.X-queues",
                        "secretHeaders.X-Secret-queues");
        assertThat(fromQueue("{}", WHOLE_QUEUE)).isEqualTo(fromQueue(WHOLE_TASK, "mode: 'Always', " + WHOLE_QUEUE));
        assertThat(fromQueue(WHOLE_TASK, "mode: 'Always'")).isEmpty();
        assertThat(fromQueue("{}", "headers: {authorization: 'x'}")).containsExactly("headers.authorization");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"serviceRef", "scheme", "path", "method", "serviceAccountToken", "tls"})
    void eachPartIsTheWinnersAndWhereHeSaysNothingTheOthers(String part) {
        JsonNode task = tree(merged(WHOLE_TASK, "mode: 'Always'"));
        JsonNode queue = tree(merged("{}", WHOLE_QUEUE));
        assertThat(task.path(part)).isNotEqualTo(queue.path(part));
        assertThat(tree(merged(WHOLE_TASK, WHOLE_QUEUE)).path(part)).isEqualTo(task.path(part));
        assertThat(tree(merged(WHOLE_TASK, "mode: 'IfNotPresent', " + WHOLE_QUEUE))
                        .path(part))
                .isEqualTo(task.path(part));
        assertThat(tree(merged(WHOLE_TASK, "mode: 'Always', " + WHOLE_QUEUE)).path(part))
                .isEqualTo(queue.path(part));
        assertThat(tree(merged("{}", "mode: 'IfNotPresent', " + WHOLE_QUEUE)).path(part))
                .isEqualTo(queue.path(part));
    }

    @Test
    void whatLiesElsewhereIsPartOfTheWhole() {
        EffectiveRequest request = of(
                "{bodyFrom: {secretKeyRef: {name: 's', key: 'k'}}}",
                "secretHeaders: [{name: 'X-A', secretKeyRef: {name: 's', key: 'k'}}], tls: {serverName: 'a.example.com'}");
        assertThat(request.bodyFrom()).isNotNull();
        assertThat(request.body()).isEmpty();
        assertThat(request.secretHeaders()).extracting(SecretHeader::name).containsExactly("X-A");
        assertThat(request.tls()).isNotNull();
        assertThat(of("{bodyFrom: {secretKeyRef: {name: 's', key: 'k'}}}", "mode: 'Always', method: 'GET'")
                        .bodyFrom())
                .isNull();
    }

    private static List<String> fromQueue(String request, String target) {
        return EffectiveRequest.partsFromQueue(
                read(request, HttpRequest.class), read("{" + target + "}", HttpTarget.class));
    }

    private static JsonNode tree(HttpRequest request) {
        return TaskJson.MAPPER.valueToTree(request);
    }

    private static @Nullable String name(EffectiveRequest request) {
        return request.serviceAccountToken() == null
                ? null
                : request.serviceAccountToken().serviceAccountName();
    }

    private static HttpRequest merged(String request, String target) {
        return EffectiveRequest.merged(read(request, HttpRequest.class), read("{" + target + "}", HttpTarget.class));
    }

    private static EffectiveRequest of(String request, @Nullable String target) {
        TaskSpec spec = read("{queueRef: {name: 'q'}, httpRequest: " + request + "}", TaskSpec.class);
        return EffectiveRequest.of(spec, target == null ? null : read("{" + target + "}", HttpTarget.class));
    }
}
