package dev.taskqueue.operator.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request as it was received.
 *
 * @param target path and query
 * @param headers names ignore case
 */
public record ProxiedRequest(String method, String target, Map<String, String> headers, String body) {
    boolean isWatch() {
        return target.contains("watch=true");
    }

    String header(String name, String otherwise) {
        return headers.getOrDefault(name, otherwise);
    }

    @Override
    public String toString() {
        return method + " " + target;
    }

    /** Reads the next request; null at the end of the stream. */
    static @Nullable ProxiedRequest read(InputStream in) throws IOException {
        String line = line(in);
        if (line.isEmpty()) {
            return null;
        }
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        String[] parts = line.split(" ", 3);
        return new ProxiedRequest(parts[0], parts[1], headers, new String(body, UTF_8));
    }

    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(UTF_8).strip();
    }
}
