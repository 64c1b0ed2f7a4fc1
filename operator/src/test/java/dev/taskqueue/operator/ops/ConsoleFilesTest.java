package dev.taskqueue.operator.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.task.DocLinks;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleFilesTest {
    private static final Path SOURCES = Path.of("src/main/resources/console");
    private static final int LONGEST_FILE = 350;

    private final HttpClient http = HttpClient.newHttpClient();

    @SuppressWarnings("NullAway.Init")
    private HttpEndpoint endpoint;

    @BeforeEach
    void open() throws IOException {
        endpoint = new HttpEndpoint(0, List.of(), List.of(), new Meters("1.2.3", () -> Instant.EPOCH, 10));
    }

    @AfterEach
    void close() {
        endpoint.close();
        http.close();
    }

    private HttpResponse<String> send(String method, String path, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
                .method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void nothingIsServedUnlessItIsSwitchedOn() throws Exception {
        assertThat(send("GET", "/console/").statusCode()).isEqualTo(404);
    }

    @Test
    void everyFileIsServedWithItsTypeAndProtected() throws Exception {
        endpoint.serveConsole();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.toList()) {
                HttpResponse<String> answer = send("GET", "/console/" + file.getFileName());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo(Files.readString(file));
                assertThat(header(answer, "Content-Type")).matches("(text|image)/[-a-z+]+(; charset=utf-8|xml)?");
                assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
                assertThat(header(answer, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
                assertThat(header(answer, "Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
                assertThat(header(answer, "Referrer-Policy")).isEqualTo("no-referrer");
                assertThat(header(answer, "Cache-Control")).isEqualTo("no-cache");
            }
        }
    }

    @Test
    void thePolicyInThePageIsTheOneOfTheHeaderWhichAlsoForbidsFrames() throws Exception {
        endpoint.serveConsole();
        HttpResponse<String> page = send("GET", "/console/");
        Matcher policy = Pattern.compile("Content-Security-Policy\" content=\"([^\"]+)\"")
                .matcher(page.body());
        assertThat(policy.find()).isTrue();
        assertThat(header(page, "Content-Security-Policy")).isEqualTo(policy.group(1) + "; frame-ancestors 'none'");
    }

    @Test
    void aFileThatHasNotChangedIsNotSentAgain() throws Exception {
        endpoint.serveConsole();
        String tag = header(send("GET", "/console/main.js"), "ETag");
        HttpResponse<String> again = send("GET", "/console/main.js", "If-None-Match", tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/nothing.js",
                "/console/../logback.xml",
                "/console/..%2flogback.xml",
                "/console/%2e%2e/logback.xml",
                "/console//main.js",
                "/console/main.js/",
                "/console/Main.class"
            })
    void noPathLeadsOutOfTheFolder(String path) throws Exception {
        endpoint.serveConsole();
        assertThat(send("GET", path).statusCode()).isEqualTo(404);
    }

    @Test
    void onlyGetAndHeadAreAnswered() throws Exception {
        endpoint.serveConsole();
        assertThat(send("HEAD", "/console/main.js").statusCode()).isEqualTo(200);
        for (String method : new String[] {"POST", "PUT", "DELETE", "OPTIONS"}) {
            HttpResponse<String> answer = send(method, "/console/main.js");
            assertThat(answer.statusCode()).isEqualTo(405);
            assertThat(header(answer, "Allow")).isEqualTo("GET, HEAD");
        }
    }

    @Test
    void healthIsAnsweredAsBefore() throws Exception {
        endpoint.serveConsole();
        assertThat(send("GET", "/livez").body()).isEqualTo("ok\n");
    }

    /** The console says what to do about each reason for which somebody has to act. */
    @Test
    void everyReasonForWhichSomebodyHasToActIsExplained() throws IOException {
        String reasons = Files.readString(SOURCES.resolve("reasons.js"));
        assertThat(DocLinks.REASONS).allSatisfy(reason -> assertThat(reasons).contains("\n  " + reason.name() + ": ["));
    }

    @Test
    void noFileIsLong() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            assertThat(files)
                    .allSatisfy(file -> assertThat(Files.readAllLines(file)).hasSizeLessThanOrEqualTo(LONGEST_FILE));
        }
    }

    @Test
    void noFileNamesAnotherServerOrWritesMarkup() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            assertThat(files)
                    .allSatisfy(file -> assertThat(Files.readString(file)
                                    .replace("http://www.w3.org/2000/svg", "")
                                    .replace("}://$", ""))
                            .doesNotContain(
                                    "://", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"));
        }
    }
}
