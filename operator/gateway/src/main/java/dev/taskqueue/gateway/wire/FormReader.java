package dev.taskqueue.gateway.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.gateway.failure.RpcFailure;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads queries and form-encoded bodies. */
final class FormReader {
    private FormReader() {}

    /** The values of each parameter, in their order. */
    static Map<String, List<String>> parse(@Nullable String text) {
        var parameters = new LinkedHashMap<String, List<String>>();
        if (text == null || text.isEmpty()) {
            return parameters;
        }
        for (String pair : text.split("&", -1)) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                parameters
                        .computeIfAbsent(decode(parts[0]), name -> new ArrayList<>())
                        .add(parts.length == 1 ? "" : decode(parts[1]));
            }
        }
        return parameters;
    }

    static String decode(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException wrong) {
            throw RpcFailure.invalid("uri", "The url has a percent sign that begins no escape.");
        }
    }
}
