package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.Method;
import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.ServiceAccountToken;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.api.TargetMode;
import dev.taskqueue.operator.api.TaskSpec;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a Task asks for, laid over (or, with mode Always, under) what its queue's {@code httpTarget} says.
 *
 * @param serviceRef null where neither names one
 * @param scheme null = what the Service's port says
 * @param headers names differ by more than their case
 * @param body empty = none
 */
record EffectiveRequest(
        @Nullable ServiceRef serviceRef,
        @Nullable Scheme scheme,
        String path,
        Method method,
        Map<String, String> headers,
        @SuppressWarnings("ArrayRecordComponent") byte[] body, // shared, and never compared
        @Nullable ServiceAccountToken serviceAccountToken) {

    private static final HttpRequest NOTHING =
            new HttpRequest(null, null, null, null, null, null, null, null, null, null, null);

    static EffectiveRequest of(TaskSpec spec, @Nullable HttpTarget target) {
        HttpRequest own = spec.httpRequest() == null ? NOTHING : spec.httpRequest();
        HttpRequest queues = target == null ? NOTHING : asRequest(target);
        boolean queueWins = target != null && target.mode() == TargetMode.Always;
        HttpRequest over = queueWins ? queues : own;
        HttpRequest under = queueWins ? own : queues;
        Scheme scheme = first(over.scheme(), under.scheme());
        String path = first(over.path(), under.path());
        Method method = first(over.method(), under.method());
        return new EffectiveRequest(
                first(over.serviceRef(), under.serviceRef()),
                scheme,
                path == null ? "/" : path,
                method == null ? Method.POST : method,
                headers(over.headers(), under.headers()),
                body(own),
                first(over.serviceAccountToken(), under.serviceAccountToken()));
    }

    private static HttpRequest asRequest(HttpTarget target) {
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
                target.serviceAccountToken(),
                target.tls());
    }

    private static Map<String, String> headers(
            @Nullable Map<String, String> over, @Nullable Map<String, String> under) {
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        if (under != null) {
            headers.putAll(under);
        }
        if (over != null) {
            // Not removeAll: it may ask the other map, to which capitals matter.
            over.keySet().forEach(headers::remove);
            headers.putAll(over);
        }
        return headers;
    }

    private static byte[] body(HttpRequest request) {
        if (request.body() != null) {
            return request.body().getBytes(StandardCharsets.UTF_8);
        }
        return request.bodyBase64() == null ? new byte[0] : Base64.getDecoder().decode(request.bodyBase64());
    }

    private static <T> @Nullable T first(@Nullable T a, @Nullable T b) {
        return a != null ? a : b;
    }
}
