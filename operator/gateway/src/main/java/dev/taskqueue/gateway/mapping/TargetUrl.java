package dev.taskqueue.gateway.mapping;

import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A url of a Task, taken apart strictly: what two readers could read differently is refused.
 *
 * @param scheme in lower case
 * @param host in lower case
 * @param port null if the url has none, or the default one of its scheme
 * @param path begins with {@code /}
 * @param query with its {@code ?}, or empty
 */
record TargetUrl(String scheme, String host, @Nullable Integer port, String path, String query) {
    static final String FIELD = "task.http_request.url";

    private static final int LONGEST = 2_083;
    private static final int HIGHEST_PORT = 65_535;
    private static final Pattern SCHEME = Pattern.compile("(?i)https?://.*", Pattern.DOTALL);
    private static final Pattern FORM = Pattern.compile("(?i)(https?)://([^/?]*)([^?]*)((?:\\?.*)?)");
    private static final Pattern AUTHORITY =
            Pattern.compile("([A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)(?::([0-9]{1,5}))?");
    private static final Pattern PRINTABLE = Pattern.compile("[!-~]*");
    private static final Pattern DOT_SEGMENT = Pattern.compile("(?i)(.*/)?(\\.|%2e){1,2}(/.*)?");

    /** Reads the url of a Task. */
    static TargetUrl parse(String url) {
        if (url.isEmpty()) {
            throw invalid("HttpRequest.url is required.");
        }
        if (!SCHEME.matcher(url).matches()) {
            throw invalid("HttpTarget.url must start with 'http://' or 'https://'.");
        }
        if (url.length() > LONGEST) {
            throw invalid("HttpRequest.url has more than " + LONGEST + " characters.");
        }
        if (!PRINTABLE.matcher(url).matches()) {
            throw invalid("HttpRequest.url has spaces, control characters or others than ASCII; percent-encode them.");
        }
        if (url.indexOf('#') >= 0 || url.indexOf('\\') >= 0) {
            throw invalid("HttpRequest.url must not have a fragment or a backslash; remove it.");
        }
        return read(url)
                .orElseThrow(
                        () -> invalid(
                                "HttpRequest.url has no host, or one with user information, or a port that is none, or \".\" or \"..\" in its path; correct it."));
    }

    /** Reads the beginning of a url from the mapping file; absent if it is none. */
    static Optional<TargetUrl> readPrefix(String url) {
        boolean plain = PRINTABLE.matcher(url).matches() && url.indexOf('#') < 0 && url.indexOf('\\') < 0;
        return plain ? read(url) : Optional.empty();
    }

    private static Optional<TargetUrl> read(String url) {
        Matcher parts = FORM.matcher(url);
        if (!parts.matches()) {
            return Optional.empty();
        }
        Matcher authority = AUTHORITY.matcher(parts.group(2));
        String path = parts.group(3).isEmpty() ? "/" : parts.group(3);
        if (!authority.matches() || DOT_SEGMENT.matcher(path).matches()) {
            return Optional.empty();
        }
        String scheme = parts.group(1).toLowerCase(Locale.ROOT);
        String port = authority.group(2);
        if (port != null && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > HIGHEST_PORT)) {
            return Optional.empty();
        }
        return Optional.of(new TargetUrl(
                scheme,
                authority.group(1).toLowerCase(Locale.ROOT),
                port == null || Integer.parseInt(port) == defaultPort(scheme) ? null : Integer.valueOf(port),
                path,
                parts.group(4)));
    }

    private static RpcFailure invalid(String message) {
        return RpcFailure.invalid(FIELD, message);
    }

    private static int defaultPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    /** The port that the url means. */
    int effectivePort() {
        return port == null ? defaultPort(scheme) : port;
    }

    /** The url with its parts in one spelling, so that beginnings can be compared. */
    String normalized() {
        return scheme + "://" + host + (port == null ? "" : ":" + port) + path + query;
    }
}
