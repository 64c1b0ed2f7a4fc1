package dev.taskqueue.operator.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests for the files of the console. These are static and hold nothing of a cluster: the page asks the API server itself, with the
 * rights of whoever looks at it.
 */
public final class ConsoleFiles implements HttpHandler {
    /** Where the files are served. */
    public static final String PATH = "/console/";

    /** The same as in the page, and that no other page may frame it, which only a header can say. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script';"
            + " trusted-types 'none'; frame-ancestors 'none'";

    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", POLICY,
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cache-Control", "no-cache");

    /** No other name is looked up, so no path leads out of the folder. */
    private static final Pattern NAME = Pattern.compile("[a-z]+\\.(html|js|css|svg)");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");

    private final Map<String, Page> pages = new ConcurrentHashMap<>();

    /** Not a record, because a record would compare and print the array wrongly. */
    private static final class Page {
        final String type;
        final String tag;
        final byte[] content;

        Page(String type, byte[] content) {
            this.type = type;
            this.content = content;
            tag = '"' + hash(content) + '"';
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            answer(exchange);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        HEADERS.forEach(headers::set);
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            headers.set("Allow", "GET, HEAD");
            text(exchange, 405, "only GET and HEAD\n");
            return;
        }
        String path = exchange.getRequestURI().getPath();
        if (!path.startsWith(PATH)) {
            headers.set("Location", PATH);
            text(exchange, 308, "");
            return;
        }
        String name = path.substring(PATH.length());
        Optional<Page> page = page(name.isEmpty() ? "index.html" : name);
        if (page.isEmpty()) {
            text(exchange, 404, "not found; the console is at " + PATH + "\n");
            return;
        }
        send(exchange, page.get(), method.equals("HEAD"));
    }

    private static void send(HttpExchange exchange, Page page, boolean headOnly) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("ETag", page.tag);
        headers.set("Content-Type", page.type);
        if (page.tag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        if (headOnly) {
            headers.set("Content-Length", String.valueOf(page.content.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(200, page.content.length);
        exchange.getResponseBody().write(page.content);
    }

    private static void text(HttpExchange exchange, int code, String words) throws IOException {
        byte[] bytes = words.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        boolean hasBody = bytes.length > 0 && !exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(code, hasBody ? bytes.length : -1);
        if (hasBody) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private Optional<Page> page(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                ? Optional.ofNullable(pages.computeIfAbsent(name, each -> read(each, matcher.group(1))))
                : Optional.empty();
    }

    private static @Nullable Page read(String name, String extension) {
        try (InputStream file = ConsoleFiles.class.getResourceAsStream(PATH + name)) {
            return file == null ? null : new Page(TYPES.getOrDefault(extension, ""), file.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the console's file " + name, e);
        }
    }

    private static String hash(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
