package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import dev.taskqueue.dev.console.PluginRun.Shell;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Attacks the console that the plugin serves, from the same machine and as a page of another origin would. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.BUSYBOX})
@ParameterizedClass
@EnumSource(Shell.class)
class PluginConsoleIT {
    private static final String API = "apis/taskqueue.dev/v1beta1/namespaces/shop/tasks";

    @TempDir
    Path folder;

    private final Shell shell;
    private EmbeddedApiServer server;
    private TestingApi api;
    private PluginRun plugin;

    PluginConsoleIT(Shell shell) {
        this.shell = shell;
    }

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedApiServer.start(0, InstantSource.system());
        api = new TestingApi(server.url());
        api.namespace("shop");
        plugin = new PluginRun(folder, shell, server.kubeconfig().replace("namespace: default", "namespace: shop"));
    }

    @AfterEach
    void stop() {
        api.close();
        server.close();
    }

    @Test
    void theConsoleIsReachedByItsSecretPrefixOnlyAndOnlyForOurKinds() throws Exception {
        Path out = folder.resolve("console");
        Process console = plugin.start(out, "console");
        // Its offer of HTTP/2 would count as an upgrade, which the proxy treats otherwise.
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            Pattern address = Pattern.compile("(http://127.0.0.1:(\\d+))/console/#api=(/k-[0-9a-f]{32}/)&ns=shop\n");
            eventually(() -> assertThat(PluginRun.text(out)).containsPattern(address));
            Matcher found = address.matcher(PluginRun.text(out));
            assertThat(found.find()).isTrue();
            String url = found.group(1);
            String prefix = found.group(3);
            assertThat(code(http, url + "/console/")).isEqualTo(200);
            assertThat(code(http, url + prefix + API)).isEqualTo(200);
            assertThat(code(http, url + prefix + "api/v1/namespaces")).isEqualTo(403);
            assertThat(code(http, url + prefix + API.replace("tasks", "../../../../api/v1/secrets")))
                    .isNotEqualTo(200);
            assertThat(code(http, url + "/" + API)).isEqualTo(404);

            // What a page of another origin can send without being asked: a create without Content-Type, and a
            // WebSocket.
            var create = HttpRequest.newBuilder(URI.create(url + "/" + API))
                    .header("Origin", "http://evil.example")
                    .POST(BodyPublishers.ofString("{\"metadata\": {\"name\": \"evil\"}}"));
            assertThat(http.send(create.build(), BodyHandlers.discarding()).statusCode())
                    .isEqualTo(404);
            assertThat(upgrade(Integer.parseInt(found.group(2)))).startsWith("HTTP/1.1 404");
            JsonNode evil = api.get("tasks", "shop", "evil");
            assertThat(evil.at("/code").asInt()).isEqualTo(404);

            console.destroy();
            assertThat(console.waitFor(20, TimeUnit.SECONDS)).isTrue();
            eventually(
                    () -> assertThat(isOpen(Integer.parseInt(found.group(2)))).isFalse());
        } finally {
            console.descendants().forEach(ProcessHandle::destroy);
            console.destroy();
        }
    }

    private static int code(HttpClient http, String url) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding())
                .statusCode();
    }

    private static String upgrade(int port) throws IOException {
        try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            socket.getOutputStream()
                    .write("""
                    GET /%s?watch=1 HTTP/1.1
                    Host: 127.0.0.1:%d
                    Origin: http://evil.example
                    Connection: Upgrade
                    Upgrade: websocket
                    Sec-WebSocket-Version: 13
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

                    """.formatted(API, port).replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(12);
            return new String(answer, StandardCharsets.US_ASCII);
        }
    }

    private static boolean isOpen(int port) {
        try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }
}
