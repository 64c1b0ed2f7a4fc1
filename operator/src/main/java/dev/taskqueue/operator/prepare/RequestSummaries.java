package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.KeyRef;
import dev.taskqueue.operator.api.KeySource;
import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.api.ServiceAccountToken;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.targets.TargetResolution;
import dev.taskqueue.operator.targets.TargetResolver;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.TaskObject;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the summaries of requests for {@code status.request}, before a request is sent and when it is sent. Only a Task whose queue has an httpTarget
 * needs a summary: without one the Task's own spec says everything, and nothing is read or written.
 */
public final class RequestSummaries {
    private static final Logger LOG = LoggerFactory.getLogger(RequestSummaries.class);
    private static final int MAX_URL = 2560;
    private static final int MAX_HEADERS = 128;
    private static final int MAX_SECRET_HEADERS = 32;
    private static final int MAX_NAME = 128;
    private static final int MAX_FROM_QUEUE = 100;
    private static final int MAX_FROM_QUEUE_NAME = 160;

    private final ApiClient api;
    private final QueueProfiles queues;
    private final TargetResolver targets;

    public RequestSummaries(ApiClient api, QueueProfiles queues, TargetResolver targets) {
        this.api = api;
        this.queues = queues;
        this.targets = targets;
    }

    /** The summary of the request in flight, or else of the next request, for which the Task is read from the API server's cache. */
    public Optional<RequestSummary> of(TaskRecord record) {
        RequestSummary sent = record.sentRequest();
        QueueProfile profile = queues.get(record.queue);
        if (sent != null || profile == null || profile.httpTarget() == null) {
            return Optional.ofNullable(sent);
        }
        try {
            return api.lookUpInCache(record.id) instanceof ObjectLookup.Found found
                    ? Optional.ofNullable(ofNext(found.task(), profile))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException unreadable) {
            LOG.debug("The request of Task {} is not known yet: {}", record.id, unreadable.getClass());
            return Optional.empty();
        }
    }

    private @Nullable RequestSummary ofNext(TaskObject task, QueueProfile profile) {
        TaskSpec spec = task.spec();
        if (spec == null) {
            return null;
        }
        EffectiveRequest request = EffectiveRequest.of(spec, profile.httpTarget());
        return switch (RequestTargets.resolve(targets, RequestOwner.task(task.queue()), request)) {
            case TargetResolution.Found found -> of(task, profile, request, found.target());
            case TargetResolution.Missing _ -> of(task, profile, request, null);
        };
    }

    /**
     * The summary of one request.
     *
     * @param target null = not known yet
     */
    public static RequestSummary of(
            TaskObject task, QueueProfile profile, EffectiveRequest request, @Nullable Target target) {
        HttpRequest own = task.spec() == null ? null : task.spec().httpRequest();
        ServiceAccountToken token = request.serviceAccountToken();
        return new RequestSummary(
                request.method().name(),
                cut(url(task, request, target), MAX_URL),
                names(request.headers().keySet(), MAX_HEADERS, MAX_NAME),
                names(
                        request.secretHeaders().stream()
                                .map(SecretHeader::name)
                                .filter(Objects::nonNull)
                                .toList(),
                        MAX_SECRET_HEADERS,
                        MAX_NAME),
                body(request),
                token == null ? null : token.serviceAccountName(),
                token == null ? null : audience(token, task, request, target),
                names(EffectiveRequest.partsFromQueue(own, profile.httpTarget()), MAX_FROM_QUEUE, MAX_FROM_QUEUE_NAME),
                profile.generation());
    }

    /** The URL. If the target is not known yet, the part of it that the request names. */
    private static @Nullable String url(TaskObject task, EffectiveRequest request, @Nullable Target target) {
        if (target != null) {
            return (target.https() ? "https://" : "http://") + target.host() + ":" + target.port() + request.path();
        }
        ServiceRef service = request.serviceRef();
        if (service == null || service.name() == null) {
            return null;
        }
        String scheme = request.scheme() == null ? "" : request.scheme().name().toLowerCase(Locale.ROOT) + "://";
        String port = service.port() == null ? "" : ":" + service.port().getValue();
        return scheme + host(task, service) + port + request.path();
    }

    private static String host(TaskObject task, ServiceRef service) {
        return service.name() + "." + task.id().namespace() + ".svc";
    }

    private static @Nullable String audience(
            ServiceAccountToken token, TaskObject task, EffectiveRequest request, @Nullable Target target) {
        if (target != null) {
            return RequestTargets.audience(token, target.https(), target.host());
        }
        ServiceRef service = request.serviceRef();
        // The default audience needs the scheme.
        return service == null || service.name() == null || request.scheme() == null
                ? token.audience()
                : RequestTargets.audience(token, request.scheme() == Scheme.HTTPS, host(task, service));
    }

    private static @Nullable String body(EffectiveRequest request) {
        KeySource from = request.bodyFrom();
        if (from == null) {
            return request.body().length == 0 ? null : "inline";
        }
        KeyRef secret = from.secretKeyRef();
        return secret != null ? in("Secret", secret) : in("ConfigMap", Objects.requireNonNull(from.configMapKeyRef()));
    }

    private static String in(String kind, KeyRef ref) {
        return "%s %s, key %s".formatted(kind, ref.name(), ref.key());
    }

    private static @Nullable List<String> names(Collection<String> names, int max, int maxLength) {
        return names.isEmpty()
                ? null
                : names.stream()
                        .limit(max)
                        .map(name -> Objects.requireNonNull(cut(name, maxLength)))
                        .toList();
    }

    private static @Nullable String cut(@Nullable String text, int max) {
        return text == null || text.length() <= max ? text : text.substring(0, max - 3) + "...";
    }
}
