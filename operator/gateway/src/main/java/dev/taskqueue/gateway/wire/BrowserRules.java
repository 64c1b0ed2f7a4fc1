package dev.taskqueue.gateway.wire;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;

/**
 * Recognises web pages. Without authentication, a page in a browser of this machine could create Tasks on loopback. Its requests have the header
 * Origin, or a host name that was redirected to loopback.
 */
final class BrowserRules {
    private static final Set<String> OWN_NAMES =
            Set.of("127.0.0.1", "localhost", "[::1]", "::1", "cloudtasks.googleapis.com");

    static final String REFUSAL =
            "This gateway has no authentication: it answers programs of this machine alone, at 127.0.0.1 or localhost, and no web pages.";

    private BrowserRules() {}

    static boolean mayBePage(HttpServletRequest request) {
        return request.getHeader("Origin") != null || !OWN_NAMES.contains(request.getServerName());
    }
}
