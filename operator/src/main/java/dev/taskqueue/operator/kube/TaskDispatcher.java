package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.ServiceAccountToken;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.dispatch.HeaderFamily;
import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Attempt;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.target.Resolution;
import dev.taskqueue.operator.target.Target;
import dev.taskqueue.operator.target.Tokens;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gathers what a request needs (the Task's spec, its queue's additions, the target, the token), and sends it. */
final class TaskDispatcher implements Dispatcher {
    private final ApiServer api;
    private final Payloads payloads;
    private final Queues queues;
    private final TaskStream.Outside outside;
    private final Duration maxDeadline;

    TaskDispatcher(ApiServer api, Payloads payloads, Queues queues, TaskStream.Outside outside, Duration maxDeadline) {
        this.api = api;
        this.payloads = payloads;
        this.queues = queues;
        this.outside = outside;
        this.maxDeadline = maxDeadline;
    }

    @Override
    public Preparation prepare(TaskId task, QueueId queue) {
        TaskObject object = payloads.take(task);
        if (object == null) {
            try {
                Optional<TaskObject> read = read(task);
                if (read.isEmpty()) {
                    return new Preparation.Gone();
                }
                object = read.get();
            } catch (IOException failure) {
                return new Preparation.Blocked(new Obstacle(
                        Obstacle.Reason.ApiServerUnavailable,
                        new Obstacle.Subject(Obstacle.Kind.ApiServer, task.namespace(), ""),
                        "The API server does not hand out the Task: " + failure.getMessage()));
            }
        }
        QueueProfile profile = queues.get(queue);
        if (profile == null) {
            return new Preparation.Blocked(Obstacle.noQueue(queue));
        }
        TaskSpec spec = object.spec();
        return spec == null ? new Preparation.Gone() : ready(object, spec, profile);
    }

    /** From the API server's cache if the Task is there; what its cache does not know yet, etcd may. */
    private Optional<TaskObject> read(TaskId task) throws IOException {
        Optional<TaskObject> cached = read(task, "?resourceVersion=0");
        return cached.isPresent() ? cached : read(task, "");
    }

    private Optional<TaskObject> read(TaskId task, String query) throws IOException {
        ApiServer.Reply reply = api.get(task, query);
        if (reply.code() == 404) {
            return Optional.empty();
        }
        if (!reply.isSuccess()) {
            throw new IOException("it answered " + reply.code());
        }
        return Optional.of(TaskReader.read(TaskReader.tree(reply.body())))
                .filter(object -> object.id().equals(task));
    }

    private Preparation ready(TaskObject object, TaskSpec spec, QueueProfile profile) {
        EffectiveRequest request = EffectiveRequest.of(spec, profile.httpTarget());
        Duration deadline =
                spec.dispatchDeadline() == null ? profile.dispatchDeadline() : Durations.parse(spec.dispatchDeadline());
        TaskId task = object.id();
        if (deadline.compareTo(maxDeadline) > 0) {
            return new Preparation.Blocked(new Obstacle(
                    Obstacle.Reason.LimitExceeded,
                    new Obstacle.Subject(
                            Obstacle.Kind.TaskQueue,
                            task.namespace(),
                            object.queue().name()),
                    "The queue's dispatchDeadline %s is above %s: lower it, or have the operator's TASKQUEUE_MAX_DISPATCH_DEADLINE raised."
                            .formatted(Durations.format(deadline), Durations.format(maxDeadline))));
        }
        return switch (resolve(object, request)) {
            case Resolution.Missing missing -> new Preparation.Blocked(missing.obstacle());
            case Resolution.Found found -> withToken(new Parcel(object, request, profile, deadline), found.target());
        };
    }

    private Preparation withToken(Parcel parcel, Target target) {
        ServiceAccountToken wanted = parcel.request.serviceAccountToken();
        if (wanted == null || wanted.serviceAccountName() == null) {
            return new Preparation.Ready(parcel);
        }
        String audience = wanted.audience() != null
                ? wanted.audience()
                : (target.https() ? "https://" : "http://") + target.host();
        return switch (outside.tokens().token(parcel.object.id().namespace(), wanted.serviceAccountName(), audience)) {
            case Tokens.Grant.Denied denied -> new Preparation.Blocked(denied.obstacle());
            case Tokens.Grant.Granted granted -> {
                parcel.token = granted.token();
                yield new Preparation.Ready(parcel);
            }
        };
    }

    private Resolution resolve(TaskObject object, EffectiveRequest request) {
        ServiceRef service = request.serviceRef();
        String namespace = object.id().namespace();
        if (service == null || service.name() == null) {
            return new Resolution.Missing(new Obstacle(
                    Obstacle.Reason.TargetNotFound,
                    new Obstacle.Subject(
                            Obstacle.Kind.TaskQueue, namespace, object.queue().name()),
                    "Neither the Task nor its queue's httpTarget names a serviceRef: name one in the queue."));
        }
        Boolean https = request.scheme() == null ? null : (Boolean) (request.scheme() == Scheme.HTTPS);
        return outside.targets().resolve(namespace, service.name(), service.port(), https);
    }

    /** One delivery, ready to leave. */
    private final class Parcel implements Shipment {
        private final TaskObject object;
        private final EffectiveRequest request;
        private final QueueProfile profile;
        private final Duration deadline;
        private @Nullable String token;
        private @Nullable Target target;

        Parcel(TaskObject object, EffectiveRequest request, QueueProfile profile, Duration deadline) {
            this.object = object;
            this.request = request;
            this.profile = profile;
            this.deadline = deadline;
        }

        /** The target is looked up anew: up to seconds have passed, and endpoints come and go. */
        @Override
        public Optional<Obstacle> obstacle() {
            return switch (resolve(object, request)) {
                case Resolution.Missing missing -> Optional.of(missing.obstacle());
                case Resolution.Found found -> {
                    target = found.target();
                    yield Optional.empty();
                }
            };
        }

        @Override
        public Outcome send(Attempt attempt) {
            Target to = Objects.requireNonNull(target, "obstacle() is asked before");
            OutboundRequest.Security security =
                    to.https() ? new OutboundRequest.Security.Tls(null, null) : new OutboundRequest.Security.Plain();
            return outside.http()
                    .send(new OutboundRequest(
                            new OutboundRequest.Target(security, to.address(), to.port(), to.host()),
                            request.method().name(),
                            request.path(),
                            headers(attempt),
                            request.body(),
                            deadline));
        }

        @Override
        public Duration deadline() {
            return deadline;
        }

        private Map<String, String> headers(Attempt attempt) {
            String name =
                    Objects.requireNonNullElse(object.asks().key(), object.id().name());
            Map<String, String> all =
                    outside.headers().of(attempt, families(profile), name, request.headers(), deadline);
            if (token == null) {
                return all;
            }
            var withToken = new TreeMap<>(all);
            withToken.put("Authorization", "Bearer " + token);
            return withToken;
        }
    }

    private static Set<HeaderFamily> families(QueueProfile profile) {
        Set<HeaderFamily> families = EnumSet.noneOf(HeaderFamily.class);
        for (var family : profile.headerFamilies()) {
            switch (family) {
                case CloudTasks -> families.add(HeaderFamily.CloudTasks);
                case AppEngine -> families.add(HeaderFamily.AppEngine);
                case None -> {}
            }
        }
        return families;
    }
}
