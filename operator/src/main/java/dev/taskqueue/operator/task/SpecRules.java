package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.KeyRef;
import dev.taskqueue.operator.api.KeySource;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.api.Tls;
import dev.taskqueue.operator.domain.DnsNames;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.HeaderRules;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.OperatorSetting;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds faults in the spec of a Task that the rules of the CRD cannot find, or did not find because the object is older than the rule. The
 * sentences name the field and say what to change. They never quote a body or the value of a header.
 */
public final class SpecRules {
    /** Printable ASCII without a fragment: it can be sent as it is. */
    private static final Pattern PATH = Pattern.compile("/[!-~&&[^#]]*");

    /** A URL resolves these (RFC 3986, 5.2.4), so the handler would see another path. */
    private static final Pattern DOT_SEGMENT = Pattern.compile("^[^?]*/(\\.|%2[eE]){1,2}(/|\\?|$)");

    /** The largest JSON body in bytes, as for other bodies in the spec. */
    private static final int MAX_JSON = 262_144;

    private final Duration maxScheduleAhead;
    private final Duration maxDispatchDeadline;

    public SpecRules(Duration maxScheduleAhead, Duration maxDispatchDeadline) {
        this.maxScheduleAhead = maxScheduleAhead;
        this.maxDispatchDeadline = maxDispatchDeadline;
    }

    /** Why the Task can never be sent; empty if it can be sent. */
    public static Optional<String> problem(TaskSpec spec) {
        return required(spec)
                .or(() -> time("scheduleTime", spec.scheduleTime()))
                .or(() -> time("expireTime", spec.expireTime()))
                .or(() -> duration("delay", spec.delay()))
                .or(() -> duration("dispatchDeadline", spec.dispatchDeadline()))
                .or(() -> duration("ttlAfterFinished", spec.ttlAfterFinished()))
                .or(() -> spec.scheduleTime() != null && spec.delay() != null
                        ? Optional.of("spec has both scheduleTime and delay: keep one.")
                        : Optional.empty())
                .or(() -> Optional.ofNullable(spec.httpRequest()).flatMap(SpecRules::problem));
    }

    private static Optional<String> required(TaskSpec spec) {
        if (spec.queueRef() == null
                || spec.queueRef().name() == null
                || spec.queueRef().name().isEmpty()) {
            return Optional.of("spec.queueRef.name is missing: name the TaskQueue.");
        }
        return Optional.empty();
    }

    private static Optional<String> problem(HttpRequest request) {
        return Optional.ofNullable(request.path())
                .flatMap(path -> checkPath("spec.httpRequest.path", path))
                .or(() -> body(request))
                .or(() -> headers(request))
                .or(() -> keySource("spec.httpRequest.bodyFrom", request.bodyFrom()))
                .or(() -> checkKeySources("spec.httpRequest", request.secretHeaders(), request.tls()))
                .or(() -> authorization(request));
    }

    /** Checks the references to Secrets and ConfigMaps that the request of a Task and the httpTarget of a queue have in common. */
    static Optional<String> checkKeySources(String at, @Nullable List<SecretHeader> headers, @Nullable Tls tls) {
        return secretHeaders(at + ".secretHeaders", headers == null ? List.of() : headers)
                .or(() -> tls == null ? Optional.empty() : tls(at + ".tls", tls));
    }

    private static Optional<String> secretHeaders(String at, List<SecretHeader> headers) {
        for (SecretHeader header : headers) {
            String name = header.name() == null ? "" : header.name();
            Optional<String> objection = HeaderRules.checkName(name, false);
            if (objection.isPresent()) {
                return Optional.of(at + ": " + objection.get());
            }
            if (!isComplete(header.secretKeyRef())) {
                return Optional.of("%s: Header %s has no secretKeyRef; name a Secret and its key.".formatted(at, name));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> tls(String at, Tls tls) {
        if (tls.serverName() != null && !DnsNames.isServerName(tls.serverName())) {
            return Optional.of(at + ".serverName is no DNS name: write the one that the target's certificate carries.");
        }
        return keySource(at + ".caFrom", tls.caFrom());
    }

    private static Optional<String> keySource(String at, @Nullable KeySource source) {
        if (source == null) {
            return Optional.empty();
        }
        boolean config = source.configMapKeyRef() != null;
        boolean secret = source.secretKeyRef() != null;
        return config != secret && isComplete(config ? source.configMapKeyRef() : source.secretKeyRef())
                ? Optional.empty()
                : Optional.of(at + " must have one of configMapKeyRef and secretKeyRef, with name and key: name one.");
    }

    private static boolean isComplete(@Nullable KeyRef ref) {
        return ref != null && ref.name() != null && ref.key() != null;
    }

    private static Optional<String> authorization(HttpRequest request) {
        return request.serviceAccountToken() != null
                        && request.secretHeaders() != null
                        && request.secretHeaders().stream()
                                .anyMatch(header -> "authorization".equalsIgnoreCase(header.name()))
                ? Optional.of("spec.httpRequest has both serviceAccountToken and a secret Authorization: keep one.")
                : Optional.empty();
    }

    private static Optional<String> headers(HttpRequest request) {
        return request.headers() == null
                ? Optional.empty()
                : HeaderRules.check(request.headers(), request.serviceAccountToken() != null)
                        .map(objection -> "spec.httpRequest.headers: " + objection);
    }

    /**
     * Why no request can have this path.
     *
     * @param at names the field
     */
    public static Optional<String> checkPath(String at, String path) {
        if (!PATH.matcher(path).matches()) {
            return Optional.of(at + " must begin with / and hold printable ASCII without #: percent-encode the rest.");
        }
        return (path.contains("/.") || path.contains("/%2"))
                        && DOT_SEGMENT.matcher(path).find()
                ? Optional.of(at + " must not have . or .. as a segment: write the path it stands for.")
                : Optional.empty();
    }

    private static Optional<String> body(HttpRequest request) {
        int bodies = (request.body() == null ? 0 : 1)
                + (request.bodyBase64() == null ? 0 : 1)
                + (request.json() == null ? 0 : 1)
                + (request.bodyFrom() == null ? 0 : 1);
        if (bodies > 1) {
            return Optional.of("spec.httpRequest has more than one of body, bodyBase64, json and bodyFrom: keep one.");
        }
        if (bodies == 1 && request.method() != null) {
            switch (request.method()) {
                case POST, PUT, PATCH -> {}
                default -> {
                    return Optional.of("spec.httpRequest.method " + request.method()
                            + " takes no body: use POST, PUT or PATCH, or remove the body.");
                }
            }
        }
        if (request.bodyBase64() != null) {
            try {
                Base64.getDecoder().decode(request.bodyBase64());
            } catch (IllegalArgumentException wrong) {
                return Optional.of(
                        "spec.httpRequest.bodyBase64 is no Base64 (RFC 4648, with padding): encode it anew.");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> time(String field, @Nullable String text) {
        return text == null || Times.read(text).isPresent()
                ? Optional.empty()
                : Optional.of("spec." + field + " is no RFC 3339 time: write it as 2026-11-21T09:00:00Z.");
    }

    private static Optional<String> duration(String field, @Nullable String text) {
        try {
            if (text != null) {
                Durations.parse(text);
            }
            return Optional.empty();
        } catch (IllegalArgumentException wrong) {
            return Optional.of("spec." + field + ": " + wrong.getMessage() + ".");
        }
    }

    /** The setting of the operator that does not allow the spec. The Task waits until it is changed. */
    public Optional<Obstacle> limit(TaskObject task, TaskSpec spec, Instant dueAt) {
        String namespace = task.id().namespace();
        // The creation time is cut to seconds.
        Duration tooFar = Duration.between(task.createdAt(), dueAt).minus(maxScheduleAhead);
        if (!isSentBefore(task) && tooFar.compareTo(Duration.ofSeconds(1)) > 0) {
            return Optional.of(limit(
                    namespace,
                    OperatorSetting.MAX_SCHEDULE_AHEAD,
                    "The Task is due more than %s after its creation, %s too far ahead: choose an earlier time"
                            .formatted(Durations.format(maxScheduleAhead), about(tooFar))));
        }
        if (spec.dispatchDeadline() != null
                && Durations.parse(spec.dispatchDeadline()).compareTo(maxDispatchDeadline) > 0) {
            return Optional.of(deadlineAbove(namespace, maxDispatchDeadline));
        }
        return jsonAbove(namespace, spec);
    }

    /** The rules of the CRD cannot measure a JSON body. */
    private static Optional<Obstacle> jsonAbove(String namespace, TaskSpec spec) {
        HttpRequest request = spec.httpRequest();
        if (request == null || request.json() == null) {
            return Optional.empty();
        }
        int size = utf8Length(request.json().text());
        return size <= MAX_JSON
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        Obstacle.Reason.LimitExceeded,
                        new Obstacle.Subject(Obstacle.Kind.Setting, namespace, "spec.httpRequest.json"),
                        "spec.httpRequest.json has %d bytes as compact JSON, at most %d are allowed: put it into a Secret or ConfigMap, and name that in bodyFrom of a new Task."
                                .formatted(size, MAX_JSON)));
    }

    /** How many bytes the text takes, without making them. */
    private static int utf8Length(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a pair is two of its four bytes.
            length += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return length;
    }

    /** Tasks with the same words wait as one group, so that Tasks with different times do not make a group each. */
    private static String about(Duration tooFar) {
        long days = tooFar.toDays();
        return days == 0 ? "less than a day" : days == 1 ? "a day" : days + " days";
    }

    /** The deadline of the Task is longer than the operator allows. */
    public static Obstacle deadlineAbove(String namespace, Duration limit) {
        return limit(
                namespace,
                OperatorSetting.MAX_DISPATCH_DEADLINE,
                "spec.dispatchDeadline is above %s: lower it".formatted(Durations.format(limit)));
    }

    /** The spec decides when the first attempt is due. The time of a later one comes from the queue or from a redrive. */
    private static boolean isSentBefore(TaskObject task) {
        Integer dispatches = task.status().dispatchCount();
        return task.status().round() != null || (dispatches != null && dispatches > 0);
    }

    /**
     * The obstacle of an object that a setting of the operator does not allow.
     *
     * @param problem says what to change, as the beginning of a sentence
     */
    public static Obstacle limit(String namespace, OperatorSetting setting, String problem) {
        return new Obstacle(
                Obstacle.Reason.LimitExceeded,
                new Obstacle.Subject(Obstacle.Kind.Setting, namespace, setting.variable()),
                problem + ", or have the operator's " + setting + " raised.");
    }
}
