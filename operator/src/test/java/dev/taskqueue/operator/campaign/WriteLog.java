package dev.taskqueue.operator.campaign;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.faults.FaultProxy;
import dev.taskqueue.operator.faults.ProxiedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who wrote which version, as seen by the proxies of the operators. Safe for use by several threads. */
final class WriteLog {
    private static final Pattern REVISION = Pattern.compile("\"resourceVersion\":\"(\\d+)\"");
    private static final Pattern UID = Pattern.compile("\"uid\":\"([^\"]+)\"");

    /** A version may be seen this much later than it was stored. */
    private static final Duration LATE = Duration.ofSeconds(1);

    private final Map<Long, Write> versions = new ConcurrentHashMap<>();
    private final Map<String, Write> deletes = new ConcurrentHashMap<>();
    /** By identity: two requests may be equal. */
    private final Map<ProxiedRequest, Instant> open = Collections.synchronizedMap(new IdentityHashMap<>());
    /** By the path of the object. */
    private final Map<String, List<Unanswered>> unanswered = new ConcurrentHashMap<>();

    private record Unanswered(boolean delete, Instant from, Instant until) {}

    /**
     * A write.
     *
     * @param at when its answer came, or when it was forwarded if there was no answer
     */
    record Write(String by, Instant at) {}

    /** An observer for the proxy of this process. */
    FaultProxy.Observer of(String process) {
        return new FaultProxy.Observer() {
            @Override
            public void forwards(ProxiedRequest request) {
                if (!request.method().equals("GET")) {
                    open.put(request, Instant.now());
                }
            }

            @Override
            public void answered(ProxiedRequest request, int code, byte[] body) {
                if (open.remove(request) != null && code < 300) {
                    note(request, new Write(process, Instant.now()), new String(body, UTF_8));
                }
            }

            @Override
            public void failed(ProxiedRequest request) {
                Instant from = open.remove(request);
                if (from != null) {
                    unanswered
                            .computeIfAbsent(path(request), path -> new CopyOnWriteArrayList<>())
                            .add(new Unanswered(request.method().equals("DELETE"), from, Instant.now()));
                }
            }
        };
    }

    private void note(ProxiedRequest request, Write write, String body) {
        boolean delete = request.method().equals("DELETE");
        Matcher matcher = (delete ? UID : REVISION).matcher(body);
        if (!matcher.find()) {
            return;
        }
        if (delete) {
            deletes.put(matcher.group(1), write);
        } else {
            versions.put(Long.parseLong(matcher.group(1)), write);
        }
    }

    /** The write that stored a version; null if it was no operator's. */
    @Nullable Write of(long revision) {
        return versions.get(revision);
    }

    /** The write that deleted the object with this uid; null if it was no operator's. */
    @Nullable Write ofDelete(String uid) {
        return deletes.get(uid);
    }

    private static String plural(String kind) {
        String name = kind.toLowerCase(Locale.ROOT);
        return name.endsWith("ch") ? name + "es" : name + "s";
    }

    private static String path(ProxiedRequest request) {
        return request.target().replaceAll("[?].*", "").replaceAll("/status$", "");
    }

    /** Whether an operator got no answer to a write of this object that may have been stored at this time. */
    boolean isUnanswered(Instant at, boolean delete, JsonNode object) {
        String path = "/apis/" + object.path("apiVersion").asText() + "/namespaces/"
                + object.at("/metadata/namespace").asText() + "/"
                + plural(object.path("kind").asText()) + "/"
                + object.at("/metadata/name").asText();
        return unanswered.getOrDefault(path, List.of()).stream()
                .anyMatch(write -> write.delete() == delete
                        && !write.from().isAfter(at)
                        && !at.isAfter(write.until().plus(LATE)));
    }
}
