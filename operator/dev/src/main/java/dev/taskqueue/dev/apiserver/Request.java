package dev.taskqueue.dev.apiserver;

import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request whose head was read. Its body is not read yet.
 *
 * @param path its segments
 * @param accept in the order of preference as it was sent
 * @param contentType without parameters; empty if none was sent
 */
record Request(String method, List<String> path, Map<String, String> query, List<String> accept, String contentType) {
    private static final String META = "g=meta.k8s.io";

    /** The form in which the answer shows objects. */
    enum Form {
        OBJECT,
        TABLE,
        METADATA
    }

    static Request of(HttpExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        List<String> accept = exchange.getRequestHeaders().getOrDefault("Accept", List.of("*/*")).stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(value -> value.strip().toLowerCase(Locale.ROOT))
                .toList();
        return new Request(
                exchange.getRequestMethod(),
                Arrays.stream(exchange.getRequestURI().getRawPath().split("/", -1))
                        .filter(segment -> !segment.isEmpty())
                        .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
                        .toList(),
                query(exchange.getRequestURI().getRawQuery()),
                accept,
                type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT));
    }

    private static Map<String, String> query(@Nullable String raw) {
        var query = new HashMap<String, String>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                String value = parts.length < 2 ? "" : URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
                query.putIfAbsent(URLDecoder.decode(parts[0], StandardCharsets.UTF_8), value);
            }
        }
        return query;
    }

    /** The first accepted form that this server supports. @throws ApiFailure 406 if it supports none, as for protobuf alone */
    Form form() {
        for (String type : accept) {
            if (type.startsWith("application/json") || type.startsWith("*/*") || type.startsWith("application/*")) {
                if (type.contains(META) && type.contains("as=table")) {
                    return Form.TABLE;
                }
                if (type.contains(META) && type.contains("as=partialobjectmetadata")) {
                    return Form.METADATA;
                }
                if (!type.contains("as=")) {
                    return Form.OBJECT;
                }
            }
        }
        throw ApiFailure.of(406, "NotAcceptable", "only application/json is served here");
    }

    boolean isWatch() {
        return flag("watch");
    }

    boolean isDryRun() {
        return !text("dryRun").isEmpty();
    }

    boolean flag(String name) {
        String value = query.get(name);
        return value != null && !value.equals("false") && !value.equals("0");
    }

    /** The value of a parameter; empty if it is missing. */
    String text(String name) {
        return query.getOrDefault(name, "");
    }

    Optional<Long> number(String name) {
        try {
            String text = text(name);
            return text.isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(text));
        } catch (NumberFormatException wrong) {
            throw ApiFailure.badRequest(name + " must be a number");
        }
    }
}
