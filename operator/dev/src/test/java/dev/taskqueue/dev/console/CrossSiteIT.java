package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.console.PluginRun.Shell;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page of another origin attacks the API through a proxy on the same machine, in real Chromium on a real API server. */
@Requires({Prerequisite.CHROMIUM, Prerequisite.CONTROL_PLANE})
class CrossSiteIT {
    private static final String TASKS = "/apis/taskqueue.dev/v1beta1/namespaces/shop/tasks";
    private static final Pattern SERVES = Pattern.compile("Starting to serve on (127.0.0.1:\\d+)");

    /** A blob without a type is sent without Content-Type, so the browser asks nobody before. */
    private static final String CREATE = """
            const [url, name, done] = arguments;
            const task = {apiVersion: 'taskqueue.dev/v1beta1', kind: 'Task', metadata: {name}, spec: {queueRef: {name: 'mail'}}};
            fetch(url, {method: 'POST', mode: 'no-cors', body: new Blob([JSON.stringify(task)])}).then(() => done('sent'), (e) => done('failed ' + e));
            """;
    /** WebSockets know no rule of the same origin. */
    private static final String READ = """
            const [url, done] = arguments;
            const socket = new WebSocket(url);
            socket.onmessage = async (event) => done(typeof event.data === 'string' ? event.data : await event.data.text());
            socket.onerror = () => done('refused');
            """;

    @TempDir
    Path folder;

    @Test
    void itReachesThePlainProxyOfKubectlAndNotThatOfThePlugin() throws IOException {
        HttpServer evil = page();
        try (var server = new RealApiServer();
                var plain = new PlainProxy(server, folder.resolve("plain"));
                var plugin = new PluginConsole(
                        new PluginRun(folder.resolve("run"), Shell.SYSTEM, inShop(server.kubeconfig())),
                        folder.resolve("console"));
                var browser = new ConsoleBrowser(
                        "http://127.0.0.1:" + evil.getAddress().getPort() + "/")) {
            browser.open("");
            browser.waitFor("another origin");

            // That the attacks are real: without a prefix, they work.
            create(browser, plain.origin() + TASKS, "through-the-plain-proxy");
            eventually(() -> assertThat(names(server)).contains("through-the-plain-proxy"));
            assertThat(read(browser, plain.origin() + TASKS))
                    .contains("\"kind\":\"Task\"")
                    .contains("through-the-plain-proxy");

            for (String path : new String[] {TASKS, "/console" + TASKS, "/k-" + "0".repeat(32) + TASKS}) {
                create(browser, plugin.origin() + path, "through-the-plugin");
                assertThat(read(browser, plugin.origin() + path)).as(path).isEqualTo("refused");
            }
            assertThat(names(server)).contains("through-the-plain-proxy").doesNotContain("through-the-plugin");

            // The proxy of the plugin does serve who knows its prefix.
            browser.driver().get(plugin.origin() + "/console/" + plugin.handover());
            eventually(() -> assertThat(browser.text(".live")).isEqualTo("Live"));
        } finally {
            evil.stop(0);
        }
    }

    static String inShop(String kubeconfig) {
        return kubeconfig.replace("user: local}", "user: local, namespace: shop}");
    }

    private static String names(RealApiServer server) {
        return server.kubectl("get", "tasks.taskqueue.dev", "-n", "shop", "-o", "name");
    }

    private static void create(ConsoleBrowser browser, String url, String name) {
        browser.driver().executeAsyncScript(CREATE, url, name);
    }

    private static String read(ConsoleBrowser browser, String url) {
        return (String) Objects.requireNonNull(
                browser.driver().executeAsyncScript(READ, url.replace("http:", "ws:") + "?watch=1"));
    }

    private static HttpServer page() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            byte[] html = "<!doctype html><title>evil</title><main>A page of another origin</main>".getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, html.length);
            exchange.getResponseBody().write(html);
            exchange.close();
        });
        server.start();
        return server;
    }

    /** {@code kubectl proxy} without any option, as tutorials show it. */
    private static final class PlainProxy implements AutoCloseable {
        private final Process process;
        private final String origin;

        PlainProxy(RealApiServer server, Path out) throws IOException {
            process = server.command("proxy", "--port=0")
                    .redirectOutput(out.toFile())
                    .start();
            eventually(() -> assertThat(PluginRun.text(out)).containsPattern(SERVES));
            Matcher found = SERVES.matcher(PluginRun.text(out));
            assertThat(found.find()).isTrue();
            origin = "http://" + found.group(1);
        }

        String origin() {
            return origin;
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
