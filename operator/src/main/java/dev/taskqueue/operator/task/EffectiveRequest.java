package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.KeySource;
import dev.taskqueue.operator.api.Method;
import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.api.ServiceAccountToken;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.api.TargetMode;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.api.Tls;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The request of a Task merged with the {@code httpTarget} of its queue. The Task has priority; with mode Always the queue has.
 *
 * @param serviceRef null if neither names one
 * @param scheme null = derived from the port of the Service
 * @param headers no two names here and in {@code secretHeaders} are equal when case is ignored
 * @param body empty = no body in the spec
 * @param bodyFrom the Secret or ConfigMap that holds the body; null = none
 * @param tls settings for targets that use TLS
 */
public record EffectiveRequest(
        @Nullable ServiceRef serviceRef,
        @Nullable Scheme scheme,
        String path,
        Method method,
        Map<String, String> headers,
        List<SecretHeader> secretHeaders,
        @SuppressWarnings("ArrayRecordComponent") byte[] body, // shared, and never compared
        @Nullable KeySource bodyFrom,
        @Nullable ServiceAccountToken serviceAccountToken,
        @Nullable Tls tls) {

    private static final Set<Method> METHODS_WITH_BODY = EnumSet.of(Method.POST, Method.PUT, Method.PATCH);
    private static final Map<String, Function<HttpRequest, @Nullable Object>> PARTS = parts();

    private static Map<String, Function<HttpRequest, @Nullable Object>> parts() {
        var parts = new LinkedHashMap<String, Function<HttpRequest, @Nullable Object>>();
        parts.put("serviceRef", HttpRequest::serviceRef);
        parts.put("scheme", HttpRequest::scheme);
        parts.put("path", HttpRequest::path);
        parts.put("method", HttpRequest::method);
        parts.put("serviceAccountToken", HttpRequest::serviceAccountToken);
        parts.put("tls", HttpRequest::tls);
        return parts;
    }

    public static EffectiveRequest of(TaskSpec spec, @Nullable HttpTarget target) {
        return of(spec.httpRequest(), target);
    }

    public static EffectiveRequest of(@Nullable HttpRequest request, @Nullable HttpTarget target) {
        HttpRequest merged = merged(request, target);
        return new EffectiveRequest(
                merged.serviceRef(),
                merged.scheme(),
                merged.path() == null ? "/" : merged.path(),
                merged.method() == null ? Method.POST : merged.method(),
                merged.headers() == null ? Map.of() : merged.headers(),
                merged.secretHeaders() == null ? List.of() : merged.secretHeaders(),
                body(merged),
                merged.bodyFrom(),
                merged.serviceAccountToken(),
                merged.tls());
    }

    /**
     * The same request for an object that says the same but for the path, which is cheaper than to merge everything again.
     *
     * @param path of that object; null = it names none
     * @param target with which this request was merged
     */
    public EffectiveRequest withPath(@Nullable String path, @Nullable HttpTarget target) {
        String queues = target == null ? null : target.path();
        boolean queueWins = target != null && target.mode() == TargetMode.Always;
        String merged = queueWins ? first(queues, path) : first(path, queues);
        return new EffectiveRequest(
                serviceRef,
                scheme,
                merged == null ? "/" : merged,
                method,
                headers,
                secretHeaders,
                body,
                bodyFrom,
                serviceAccountToken,
                tls);
    }

    /**
     * Merges both into one request, and drops the parts for which it would be refused: a header that is set twice, a body that its method does not
     * carry, an Authorization beside a token. A body from {@code json} has a Content-Type. A part that neither names is null.
     */
    public static HttpRequest merged(@Nullable HttpRequest task, @Nullable HttpTarget target) {
        HttpRequest own = task == null ? HttpRequest.EMPTY : task;
        HttpRequest queues = target == null ? HttpRequest.EMPTY : toRequest(target);
        boolean queueWins = target != null && target.mode() == TargetMode.Always;
        HttpRequest over = queueWins ? queues : own;
        HttpRequest under = queueWins ? own : queues;
        Method method = first(over.method(), under.method());
        ServiceAccountToken token = first(over.serviceAccountToken(), under.serviceAccountToken());
        boolean hasBody = carriesBody(method);
        var headers = new MergedHeaders();
        headers.lay(under);
        headers.lay(over);
        if (token != null) {
            headers.drop("Authorization");
        }
        if (hasBody && own.json() != null) {
            headers.putIfAbsent("Content-Type", "application/json");
        }
        return new HttpRequest(
                first(over.serviceRef(), under.serviceRef()),
                first(over.scheme(), under.scheme()),
                first(over.path(), under.path()),
                method,
                headers.plain(),
                headers.secret(),
                hasBody ? own.body() : null,
                hasBody ? own.bodyBase64() : null,
                hasBody ? own.json() : null,
                hasBody ? own.bodyFrom() : null,
                token,
                first(over.tls(), under.tls()));
    }

    /**
     * Whether a request with this method has a body.
     *
     * @param method null = POST
     */
    public static boolean carriesBody(@Nullable Method method) {
        return method == null || METHODS_WITH_BODY.contains(method);
    }

    /**
     * The parts of the merged request that come from the queue: {@code serviceRef}, {@code scheme}, {@code path}, {@code method},
     * {@code serviceAccountToken}, {@code tls}, {@code headers.NAME} and {@code secretHeaders.NAME}.
     */
    public static List<String> partsFromQueue(@Nullable HttpRequest task, @Nullable HttpTarget target) {
        if (target == null) {
            return List.of();
        }
        HttpRequest own = task == null ? HttpRequest.EMPTY : task;
        HttpRequest queues = toRequest(target);
        boolean queueWins = target.mode() == TargetMode.Always;
        var parts = new ArrayList<String>();
        PARTS.forEach((name, part) -> {
            if (part.apply(queues) != null && (queueWins || part.apply(own) == null)) {
                parts.add(name);
            }
        });
        HttpRequest merged = merged(task, target);
        Set<String> theirs = headerNames(queues);
        if (!queueWins) {
            theirs.removeAll(headerNames(own));
        }
        if (merged.headers() != null) {
            merged.headers().keySet().stream().filter(theirs::contains).forEach(name -> parts.add("headers." + name));
        }
        if (merged.secretHeaders() != null) {
            merged.secretHeaders().stream()
                    .map(header -> Objects.requireNonNullElse(header.name(), ""))
                    .filter(theirs::contains)
                    .forEach(name -> parts.add("secretHeaders." + name));
        }
        return parts;
    }

    private static Set<String> headerNames(HttpRequest request) {
        var names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        if (request.headers() != null) {
            names.addAll(request.headers().keySet());
        }
        if (request.secretHeaders() != null) {
            request.secretHeaders().forEach(header -> names.add(Objects.requireNonNullElse(header.name(), "")));
        }
        return names;
    }

    private static HttpRequest toRequest(HttpTarget target) {
        return new HttpRequest(
                target.serviceRef(),
                target.scheme(),
                target.path(),
                target.method(),
                target.headers(),
                target.secretHeaders(),
                null,
                null,
                null,
                null,
                target.serviceAccountToken(),
                target.tls());
    }

    /** Headers of two requests merged by name. Plain and secret headers replace each other; case is ignored. */
    private static final class MergedHeaders {
        private final Map<String, String> plain = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private final Map<String, SecretHeader> secret = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

        void lay(HttpRequest request) {
            if (request.headers() != null) {
                request.headers().forEach((name, value) -> {
                    drop(name);
                    plain.put(name, value);
                });
            }
            if (request.secretHeaders() != null) {
                for (SecretHeader header : request.secretHeaders()) {
                    String name = Objects.requireNonNullElse(header.name(), "");
                    drop(name);
                    secret.put(name, header);
                }
            }
        }

        void drop(String name) {
            plain.remove(name);
            secret.remove(name);
        }

        void putIfAbsent(String name, String value) {
            if (!secret.containsKey(name)) {
                plain.putIfAbsent(name, value);
            }
        }

        @Nullable Map<String, String> plain() {
            return plain.isEmpty() ? null : plain;
        }

        @Nullable List<SecretHeader> secret() {
            return secret.isEmpty() ? null : List.copyOf(secret.values());
        }
    }

    private static byte[] body(HttpRequest request) {
        if (request.body() != null) {
            return request.body().getBytes(StandardCharsets.UTF_8);
        }
        if (request.json() != null) {
            return request.json().text().getBytes(StandardCharsets.UTF_8);
        }
        return request.bodyBase64() == null ? new byte[0] : Base64.getDecoder().decode(request.bodyBase64());
    }

    private static <T> @Nullable T first(@Nullable T a, @Nullable T b) {
        return a != null ? a : b;
    }
}
