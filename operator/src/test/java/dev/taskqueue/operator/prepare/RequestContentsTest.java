package dev.taskqueue.operator.prepare;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingTasks;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which parts of a request come from Secrets and ConfigMaps, and which obstacle is reported if they cannot be read. */
class RequestContentsTest {
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final String CANARY = "canary-7f3a";
    private static final String BODY_FROM_SECRET = "{bodyFrom: {secretKeyRef: {name: 'payloads', key: 'a.json'}}}";
    private static final String BODY_FROM_CONFIG = "{bodyFrom: {configMapKeyRef: {name: 'payloads', key: 'a.json'}}}";
    private static final String API_KEY =
            "{secretHeaders: [{name: 'X-Api-Key', secretKeyRef: {name: 'api', key: 'token'}}]}";
    private static final String CA = "{tls: {caFrom: {configMapKeyRef: {name: 'ca', key: 'ca.crt'}}}}";

    private final TestingApiServer server = new TestingApiServer();

    RequestContentsTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void aBodyOfASecretIsItsBytes() throws Exception {
        byte[] bytes = {0, -1, 13, 10};
        server.then(200, "{\"data\": {\"a.json\": \"%s\"}}".formatted(base64(bytes)));
        assertThat(complete(BODY_FROM_SECRET).body()).isEqualTo(bytes);
        assertThat(server.request()).hasToString("GET /api/v1/namespaces/shop/secrets/payloads");
    }

    @Test
    void aBodyOfAConfigMapIsTextOrBinary() throws Exception {
        server.then(200, "{\"data\": {\"a.json\": \"ä\\n\"}, \"immutable\": true}");
        assertThat(complete(BODY_FROM_CONFIG).body()).isEqualTo("ä\n".getBytes(UTF_8));
        assertThat(server.request()).hasToString("GET /api/v1/namespaces/shop/configmaps/payloads");
        byte[] bytes = {0, -1};
        server.then(200, "{\"data\": {\"b\": \"x\"}, \"binaryData\": {\"a.json\": \"%s\"}}".formatted(base64(bytes)));
        assertThat(complete(BODY_FROM_CONFIG).body()).isEqualTo(bytes);
    }

    @ParameterizedTest(name = "[{index}]")
    @CsvSource({"canary\\n", "canary\\r\\n", "canary"})
    void aLineBreakAtAHeadersEndIsCutOff(String escaped) {
        header(escaped.translateEscapes());
        assertThat(complete(API_KEY).headers()).isEqualTo(Map.of("X-Api-Key", "canary"));
    }

    @Test
    void anObjectIsReadOnceForAllItsKeys() throws Exception {
        server.then(
                200,
                "{\"data\": {\"a\": \"%s\", \"b\": \"%s\"}}"
                        .formatted(base64("1".getBytes(UTF_8)), base64("2".getBytes(UTF_8))));
        RequestContents contents = complete("""
                {headers: {'X-Plain': '0'}, bodyFrom: {secretKeyRef: {name: 's', key: 'a'}}, secretHeaders: [
                  {name: 'X-A', secretKeyRef: {name: 's', key: 'a'}}, {name: 'X-B', secretKeyRef: {name: 's', key: 'b'}}]}""");
        assertThat(contents.headers()).isEqualTo(Map.of("X-Plain", "0", "X-A", "1", "X-B", "2"));
        assertThat(contents.body()).asString().isEqualTo("1");
        assertThat(contents.toString()).isEqualTo("Contents[***]");
        assertThat(new KeyReader.Value.Found(contents.body()).toString()).isEqualTo("Found[***]");
        server.thenRead();
        // This is the next answer, so that a second request of the first preparation would be seen.
        server.then(404, "{}");
        missing(CA, true);
        assertThat(server.request().target()).endsWith("/configmaps/ca");
    }

    @Test
    void aRequestThatTakesNothingFromElsewhereReadsNothing() {
        assertThat(complete("{body: 'hello', headers: {'X-A': '1'}}").body())
                .asString()
                .isEqualTo("hello");
        // The server has no step to answer with: a request would hang until its timeout and become an obstacle.
        assertThat(gather(CA, "{}", false)).isInstanceOf(RequestContents.Gathered.Complete.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            404 | SourceNotFound       | Secret shop/payloads does not exist: create it with the key a.json.
            403 | SourceNotFound       | Secret shop/payloads, whose key a.json is needed, is not open to the operator: grant it the verb get on secrets with resourceNames [payloads] in namespace shop.
            503 | ApiServerUnavailable | Secret shop/payloads with the key a.json could not be read (HTTP 503): it is tried again.
            429 | ApiServerUnavailable | Secret shop/payloads with the key a.json could not be read (HTTP 429): it is tried again.
            """)
    void anObjectThatIsNotHandedOutIsWaitedFor(int code, Obstacle.Reason reason, String sentence) {
        server.then(code, "{\"message\": \"" + CANARY + "\"}");
        // If the API server itself fails, the obstacle is not the Secret. Its text may differ at the next attempt to
        // read.
        var subject = reason == Obstacle.Reason.ApiServerUnavailable
                ? new Obstacle.Subject(Obstacle.Kind.ApiServer, "shop", "secrets/payloads", "a.json")
                : new Obstacle.Subject(Obstacle.Kind.Secret, "shop", "payloads", "a.json");
        assertThat(missing(BODY_FROM_SECRET, false)).isEqualTo(new Obstacle(reason, subject, sentence));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            canary-7f3a | no answer
            {"data": {"a.json": "canary-7f3a"}} | an answer that makes no sense
            """)
    void ofAnAnswerThatCannotBeReadNoWordIsTold(String answer, String what) {
        server.then(200, answer);
        assertThat(missing(BODY_FROM_SECRET, false).message())
                .isEqualTo("Secret shop/payloads with the key a.json could not be read (" + what
                        + "): it is tried again.");
        server.then(TestingApiServer.Answer::reset);
        assertThat(missing(BODY_FROM_SECRET, false).message()).contains("(no answer)");
    }

    @Test
    void aMissingKeyKeepsNobodyWhoWantsAnother() {
        server.then(200, "{\"data\": {\"b.json\": \"\"}}");
        assertThat(missing(BODY_FROM_CONFIG, false))
                .isEqualTo(new Obstacle(
                        Obstacle.Reason.SourceNotFound,
                        new Obstacle.Subject(Obstacle.Kind.ConfigMap, "shop", "payloads", "a.json"),
                        "ConfigMap shop/payloads has no key a.json: add the key."));
        server.then(200, "{}");
        assertThat(missing(API_KEY, false).message()).isEqualTo("Secret shop/api has no key token: add the key.");
    }

    @Test
    void aNameThatWouldLeadElsewhereDoesNotExist() {
        String elsewhere = "{bodyFrom: {secretKeyRef: {name: '../../pods/a', key: 'k'}}}";
        assertThat(missing(elsewhere, false).message()).startsWith("Secret shop/../../pods/a does not exist");
    }

    @Test
    void aBodyMayHaveAMebibyteAndNoMore() {
        server.then(200, "{\"data\": {\"a.json\": \"%s\"}}".formatted(base64(new byte[RequestContents.MAX_BODY])));
        assertThat(complete(BODY_FROM_SECRET).body()).hasSize(RequestContents.MAX_BODY);
        server.then(200, "{\"data\": {\"a.json\": \"%s\"}}".formatted(base64(new byte[RequestContents.MAX_BODY + 1])));
        Obstacle obstacle = missing(BODY_FROM_SECRET, false);
        assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.LimitExceeded);
        assertThat(obstacle.message())
                .isEqualTo(
                        "Key a.json of Secret shop/payloads has 1048577 bytes: shorten it, a body has at most 1048576.");
    }

    @ParameterizedTest(name = "[{index}]")
    @CsvSource({
        "canary-7f3a\\nX-Evil: 1, has a character that headers cannot carry",
        "canary-7f3a\\n\\n, begins or ends with white space",
        "canary-7f3a\\0, has a character that headers cannot carry",
        "canary-7f3aä, has a character that headers cannot carry",
    })
    void aValueThatIsNoHeadersIsNotShown(String escaped, String objection) {
        header(escaped.translateEscapes());
        Obstacle obstacle = missing(API_KEY, false);
        assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.SourceNotFound);
        assertThat(obstacle.subject()).isEqualTo(new Obstacle.Subject(Obstacle.Kind.Secret, "shop", "api", "token"));
        assertThat(obstacle.message())
                .startsWith("Key token of Secret shop/api cannot be sent: The value of header X-Api-Key " + objection)
                .doesNotContain(CANARY);
    }

    @Test
    void allHeadersTogetherStayBelowTheirLimit() {
        header("x".repeat(50_000));
        Obstacle obstacle =
                missing("{headers: {'X-Long': '%s'}, %s".formatted("y".repeat(40_000), API_KEY.substring(1)), false);
        assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.LimitExceeded);
        assertThat(obstacle.subject().kind()).isEqualTo(Obstacle.Kind.Secret);
        assertThat(obstacle.message())
                .isEqualTo("Key token of Secret shop/api and the other headers are too much: "
                        + "The headers have 90015 bytes, X-Api-Key the most of them; keep all together below 81920.");
        obstacle = missing(gather(
                "{headers: {'X-Long': '%s'}}".formatted("y".repeat(50_000)),
                "{headers: {'X-Queue': '%s'}}".formatted("z".repeat(40_000)),
                false));
        assertThat(obstacle.subject()).isEqualTo(new Obstacle.Subject(Obstacle.Kind.TaskQueue, "shop", "orders"));
        assertThat(obstacle.message())
                .startsWith(
                        "The headers of TaskQueue shop/orders and of the Task are too much: The headers have 90013");
    }

    @Test
    void aCaThatIsNoneIsNamed() {
        server.then(200, "{\"data\": {\"ca.crt\": \"" + CANARY + "\"}}");
        Obstacle obstacle = missing(CA, true);
        assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.SourceNotFound);
        assertThat(obstacle.message())
                .isEqualTo("Key ca.crt of ConfigMap shop/ca holds no certificates in PEM form: "
                        + "put those of the CA there, BEGIN CERTIFICATE and all.");
    }

    @Test
    void aCaOfWhichNothingCanBeUsedSaysWhy() {
        server.then(
                200, "{\"data\": {\"ca.crt\": \"-----BEGIN CERTIFICATE-----\\nMAA=\\n-----END CERTIFICATE-----\"}}");
        Obstacle obstacle = missing(CA, true);
        assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.SourceNotFound);
        assertThat(obstacle.message())
                .startsWith(
                        "Key ca.crt of ConfigMap shop/ca holds no certificate that can be used. Not used: certificate 1: ");
    }

    @Test
    void theFirstThingMissingIsTheOneTold() throws Exception {
        server.then(404, "{}");
        Obstacle obstacle = missing(
                "%s, %s, %s"
                        .formatted(
                                BODY_FROM_SECRET.substring(0, BODY_FROM_SECRET.length() - 1),
                                API_KEY.substring(1, API_KEY.length() - 1),
                                CA.substring(1)),
                true);
        assertThat(obstacle.subject().name()).isEqualTo("payloads");
    }

    private void header(String value) {
        server.then(200, "{\"data\": {\"token\": \"%s\"}}".formatted(base64(value.getBytes(UTF_8))));
    }

    private RequestContents complete(String request) {
        return gather(request, "{}", false) instanceof RequestContents.Gathered.Complete complete
                ? complete.contents()
                : failed(missing(request, false));
    }

    private static RequestContents failed(Obstacle obstacle) {
        throw new AssertionError(obstacle.message());
    }

    private Obstacle missing(String request, boolean https) {
        return missing(gather(request, "{}", https));
    }

    private static Obstacle missing(RequestContents.Gathered gathered) {
        return ((RequestContents.Gathered.Missing) gathered).obstacle();
    }

    private RequestContents.Gathered gather(String request, String target, boolean https) {
        TaskSpec spec =
                new TaskSpec(null, null, null, null, null, null, TestingTasks.read(request, HttpRequest.class), null);
        EffectiveRequest effective = EffectiveRequest.of(spec, TestingTasks.read(target, HttpTarget.class));
        return RequestContents.gather(
                new KeyReader(server.api())::read, new CaBundles(), RequestOwner.task(ORDERS), effective, https);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
