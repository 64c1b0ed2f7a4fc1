package dev.taskqueue.operator.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.taskqueue.operator.ops.HttpEndpoint.Check;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpEndpointTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private final Meters meters = new Meters("1.2.3", () -> Instant.EPOCH, 10);
    private volatile boolean alive = true;
    private volatile boolean taskWatch = true;
    private volatile boolean services = true;
    private volatile List<String> complaints = List.of();

    @SuppressWarnings("NullAway.Init")
    private HttpEndpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        endpoint = new HttpEndpoint(
                0,
                List.of(new Check("alarm", () -> alive)),
                List.of(new Check("task watch", () -> taskWatch), new Check("services", () -> services)),
                () -> complaints,
                meters);
    }

    @AfterEach
    void close() {
        endpoint.close();
        http.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/readyz", "/livez?verbose"})
    void healthIsOk(String path) throws Exception {
        var answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok\n");
    }

    @Test
    void oneLineNamesWhatIsNotReady() throws Exception {
        taskWatch = false;
        services = false;
        var answer = get("/readyz");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("not ready: task watch, services\n");
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        taskWatch = true;
        services = true;
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void whatIsWrongAlthoughItIsReadyHasALineOfItsOwn() throws Exception {
        complaints = List.of("Namespace a is not served", "Namespace b is not served");
        var answer = get("/readyz");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok\nNamespace a is not served\nNamespace b is not served\n");
        assertThat(get("/livez").body()).isEqualTo("ok\n");
        taskWatch = false;
        assertThat(get("/readyz").body()).startsWith("not ready: task watch\nNamespace a ");
    }

    @Test
    void oneLineNamesWhatIsDead() throws Exception {
        alive = false;
        var answer = get("/livez");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("not live: alarm\n");
    }

    @Test
    void metricsAreThePrometheusText() throws Exception {
        var answer = get("/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(answer.body()).contains("taskqueue_build_info{version=\"1.2.3\"} 1\n");
    }

    @Test
    void metricsAreCompressedForWhoeverAsks() throws Exception {
        HttpResponse<InputStream> answer =
                http.send(request("/metrics").header("Accept-Encoding", "gzip").build(), BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
        try (var body = new GZIPInputStream(answer.body())) {
            assertThat(body.readAllBytes()).asString().contains("taskqueue_build_info");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/livez/", "/healthz", "/metrics/x"})
    void thereIsNothingElse(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void headHasTheHeadersAlone() throws Exception {
        var answer = http.send(request("/livez").HEAD().build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Length")).hasValue("3");
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void otherMethodsAreNotAllowed(String method) throws Exception {
        var answer = http.send(
                request("/readyz")
                        .method(method, HttpRequest.BodyPublishers.ofString("x"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }

    @Test
    void aCheckThatFailsInsideIsA500AndNotAHangup() throws Exception {
        Check broken = new Check("broken", () -> {
            throw new IllegalStateException("broken on purpose");
        });
        try (var other = new HttpEndpoint(0, List.of(broken), List.of(), meters)) {
            var answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + other.port() + "/livez"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(500);
        }
    }

    @Test
    void aTakenPortIsNamed() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> new HttpEndpoint(endpoint.port(), List.of(), List.of(), meters).close())
                .withMessageContaining("port " + endpoint.port())
                .withMessageContaining("TASKQUEUE_HTTP_PORT");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + endpoint.port() + path));
    }
}
