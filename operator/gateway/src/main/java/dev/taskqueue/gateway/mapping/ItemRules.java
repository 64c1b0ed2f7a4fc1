package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Says which Tasks can be items of a TaskBatch. The API server does not look into the lines of a batch, and one that the operator refuses ends the whole
 * batch. So this is no less strict than the operator, and a Task that is in doubt stays a Task of its own.
 */
final class ItemRules {
    /** Of text as UTF-8, or of bytes before they are written as base64. */
    private static final int MOST_BODY_BYTES = 65_536;

    private static final int LONGEST_PATH = 2_083;
    private static final int MOST_HEADERS = 16;
    private static final int LONGEST_VALUE = 4_096;
    private static final Pattern PATH = Pattern.compile("/[!-~&&[^#]]*");
    private static final Pattern DOT_SEGMENT = Pattern.compile("[^?]*/(\\.|%2[eE]){1,2}([/?].*)?");
    private static final Pattern HEADER_NAME = Pattern.compile("[-!#$%&'*+.^_`|~0-9A-Za-z]{1,128}");
    /** Those that the operator sets itself. {@link TaskHeaderRules} leaves none of them. */
    private static final Pattern REFUSED_NAME =
            Pattern.compile("(host|content-length|transfer-encoding|connection|te|trailer"
                    + "|upgrade|expect)|(proxy-|x-cloudtasks-|x-appengine-|x-google-|taskqueue-).*");
    /** Without blanks at its ends. */
    private static final Pattern HEADER_VALUE = Pattern.compile("([!-~]([\\t -~]*[!-~])?)?");

    private ItemRules() {}

    /**
     * Whether an item can carry this.
     *
     * @param spec of the Task
     * @param latest the last time at which an item may be due
     */
    static boolean fits(JsonNode spec, Instant latest) {
        JsonNode request = spec.path("httpRequest");
        return fitsPath(ObjectJson.text(request, "path"))
                && fitsHeaders(request.path("headers"))
                && fitsBody(request)
                && ProtoTimes.instant(ObjectJson.text(spec, "scheduleTime"))
                        .map(time -> !time.isAfter(latest))
                        .orElse(true);
    }

    private static boolean fitsPath(String path) {
        return path.length() <= LONGEST_PATH
                && PATH.matcher(path).matches()
                && !DOT_SEGMENT.matcher(path).matches();
    }

    private static boolean fitsHeaders(JsonNode headers) {
        if (headers.size() > MOST_HEADERS) {
            return false;
        }
        Set<String> names = new HashSet<>();
        for (Map.Entry<String, JsonNode> header : headers.properties()) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            String value = header.getValue().textValue();
            boolean fits = HEADER_NAME.matcher(name).matches()
                    && !REFUSED_NAME.matcher(name).matches()
                    && names.add(name)
                    && value.length() <= LONGEST_VALUE
                    && HEADER_VALUE.matcher(value).matches();
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean fitsBody(JsonNode request) {
        String text = ObjectJson.text(request, "body");
        return text.length() <= MOST_BODY_BYTES
                && text.getBytes(StandardCharsets.UTF_8).length <= MOST_BODY_BYTES
                && decodedBytes(ObjectJson.text(request, "bodyBase64")) <= MOST_BODY_BYTES;
    }

    private static int decodedBytes(String base64) {
        int padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
        return base64.length() / 4 * 3 - padding;
    }
}
