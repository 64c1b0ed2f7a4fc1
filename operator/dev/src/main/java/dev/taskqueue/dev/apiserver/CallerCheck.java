package dev.taskqueue.dev.apiserver;

import com.sun.net.httpserver.HttpExchange;
import java.util.regex.Pattern;

/**
 * Decides who may call. This server has no credentials, so a page in the user's browser could call it, and make the operator send requests on this
 * machine. Such a page can be recognized by its Origin header, or by a host name that was redirected to loopback. The console is no such page: this
 * server serves it, so its Origin is this server.
 */
final class CallerCheck {
    private static final Pattern LOOPBACK = Pattern.compile("(127\\.0\\.0\\.1|localhost)(:[0-9]+)?");

    private CallerCheck() {}

    /** @throws ApiFailure 403 for a page of another server */
    static void check(HttpExchange exchange) {
        if (!isAllowed(exchange)) {
            throw ApiFailure.of(
                    403,
                    "Forbidden",
                    "the embedded API server answers programs of this machine alone, at 127.0.0.1 or localhost, and no web pages");
        }
    }

    static boolean isAllowed(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        String origin = exchange.getRequestHeaders().getFirst("Origin");
        boolean named = host == null || LOOPBACK.matcher(host).matches();
        // Fabric8's client sends an Origin too, with each watch: the address of the server itself. So does the console.
        return named && (origin == null || origin.equals("http://" + host));
    }
}
