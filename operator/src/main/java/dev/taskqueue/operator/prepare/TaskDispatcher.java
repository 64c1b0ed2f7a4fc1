package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.ServiceAccountToken;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.dispatch.CompatibilityHeaders;
import dev.taskqueue.operator.dispatch.DeadLetterOrigin;
import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.targets.TargetResolution;
import dev.taskqueue.operator.targets.TargetResolver;
import dev.taskqueue.operator.targets.TokenRequester;
import dev.taskqueue.operator.task.DeadLetterDraft;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gathers what a request needs (the Task's spec, its queue's additions, the target, the token, Secrets and ConfigMaps), and sends it. */
public final class TaskDispatcher implements Dispatcher {
    private final TaskWriteContext context;
    private final SpecCache specs;
    private final QueueProfiles queues;
    private final DispatchServices outside;
    private final Duration maxDeadline;

    public TaskDispatcher(
            TaskWriteContext context,
            SpecCache specs,
            QueueProfiles queues,
            DispatchServices outside,
            Duration maxDeadline) {
        this.context = context;
        this.specs = specs;
        this.queues = queues;
        this.outside = outside;
        this.maxDeadline = maxDeadline;
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        TaskId task = delivery.task();
        TaskRecord record = context.tasks().get(task);
        TaskObject kept = record == null ? null : record.takeSpec(specs);
        return kept != null
                ? prepare(kept, queue)
                : UnreadableTask.prepare(task, this::read, found -> prepare(found.task(), queue));
    }

    /** What the API server's cache does not know yet, etcd may. */
    private ObjectLookup read(TaskId task) throws IOException {
        ObjectLookup cached = context.api().lookUpInCache(task);
        return cached instanceof ObjectLookup.Absent ? context.api().lookUp(task) : cached;
    }

    private Preparation prepare(TaskObject object, QueueId queue) {
        QueueProfile profile = queues.get(queue);
        if (profile == null) {
            return new Preparation.Blocked(Obstacle.noQueue(queue));
        }
        TaskSpec spec = object.spec();
        return spec == null ? new Preparation.NoTask() : ready(object, spec, profile);
    }

    private Preparation ready(TaskObject object, TaskSpec spec, QueueProfile profile) {
        EffectiveRequest request = EffectiveRequest.of(spec, profile.httpTarget());
        Duration deadline =
                spec.dispatchDeadline() == null ? profile.dispatchDeadline() : Durations.parse(spec.dispatchDeadline());
        if (deadline.compareTo(maxDeadline) > 0) {
            return new Preparation.Blocked(deadlineAbove(maxDeadline, spec, object.queue(), deadline));
        }
        return switch (resolve(outside.targets(), object.queue(), request)) {
            case TargetResolution.Missing missing -> new Preparation.Blocked(missing.obstacle());
            case TargetResolution.Found found ->
                withToken(
                        new Draft(
                                object,
                                request,
                                profile,
                                deadline,
                                found.target().https()),
                        found.target());
        };
    }

    /** A Task's own deadline stays as it is; a queue's can be lowered. */
    static Obstacle deadlineAbove(Duration max, TaskSpec spec, QueueId queue, Duration deadline) {
        if (spec.dispatchDeadline() != null) {
            return SpecRules.deadlineAbove(queue.namespace(), max);
        }
        return new Obstacle(
                Obstacle.Reason.LimitExceeded,
                new Obstacle.Subject(Obstacle.Kind.TaskQueue, queue.namespace(), queue.name()),
                "The queue's dispatchDeadline %s is above %s: lower it, or have the operator's TASKQUEUE_MAX_DISPATCH_DEADLINE raised."
                        .formatted(Durations.format(deadline), Durations.format(max)));
    }

    private Preparation withToken(Draft draft, Target target) {
        ServiceAccountToken wanted = draft.request.serviceAccountToken();
        if (wanted == null || wanted.serviceAccountName() == null) {
            return withContents(draft, null);
        }
        String account = wanted.serviceAccountName();
        String audience = audience(wanted, target.https(), target.host());
        return switch (outside.tokens().token(draft.object.id().namespace(), account, audience)) {
            case TokenRequester.Grant.Denied denied -> new Preparation.Blocked(denied.obstacle());
            case TokenRequester.Grant.Granted granted ->
                withContents(draft, new Bearer(account, audience, granted.token()));
        };
    }

    /** Who the request is sent as. No text form shows the token. */
    private record Bearer(String account, String audience, String token) {
        @Override
        public String toString() {
            return "Bearer[***]";
        }
    }

    /** The audience that is asked for, or the target itself. */
    static String audience(ServiceAccountToken wanted, boolean https, String host) {
        return wanted.audience() != null ? wanted.audience() : (https ? "https://" : "http://") + host;
    }

    /** Last, so that what is secret is here for as short as can be. */
    private Preparation withContents(Draft draft, @Nullable Bearer bearer) {
        return switch (RequestContents.gather(
                new KeyReader(context.api()), draft.object.queue(), draft.request, draft.https)) {
            case RequestContents.Gathered.Missing missing -> new Preparation.Blocked(missing.obstacle());
            case RequestContents.Gathered.Complete complete ->
                new Preparation.Ready(new Parcel(draft, bearer, complete.contents()));
        };
    }

    static TargetResolution resolve(TargetResolver targets, QueueId queue, EffectiveRequest request) {
        ServiceRef service = request.serviceRef();
        if (service == null || service.name() == null) {
            return new TargetResolution.Missing(new Obstacle(
                    Obstacle.Reason.TargetNotFound,
                    new Obstacle.Subject(Obstacle.Kind.TaskQueue, queue.namespace(), queue.name()),
                    "Neither the Task nor its queue's httpTarget names a serviceRef: name one in the queue."));
        }
        Boolean https = request.scheme() == null ? null : (Boolean) (request.scheme() == Scheme.HTTPS);
        return targets.resolve(queue.namespace(), service.name(), service.port(), https);
    }

    /**
     * A request without token and contents.
     *
     * @param https what token and CA are chosen for
     */
    private record Draft(
            TaskObject object, EffectiveRequest request, QueueProfile profile, Duration deadline, boolean https) {}

    /** One delivery, ready to leave. */
    private final class Parcel implements PreparedRequest {
        private final TaskObject object;
        private final EffectiveRequest request;
        private final QueueProfile profile;
        private final Duration deadline;
        private final boolean https;
        private final @Nullable Bearer bearer;
        private final RequestContents contents;

        Parcel(Draft draft, @Nullable Bearer bearer, RequestContents contents) {
            this.object = draft.object;
            this.request = draft.request;
            this.profile = draft.profile;
            this.deadline = draft.deadline;
            this.https = draft.https;
            this.bearer = bearer;
            this.contents = contents;
        }

        /** The target is looked up anew: up to seconds have passed, and endpoints come and go. */
        @Override
        public FinalCheck finalCheck() {
            return switch (resolve(outside.targets(), object.queue(), request)) {
                case TargetResolution.Missing missing -> new FinalCheck.Blocked(missing.obstacle());
                case TargetResolution.Found found
                when found.target().https() != https -> new FinalCheck.Blocked(otherScheme(found));
                case TargetResolution.Found found -> new FinalCheck.Passed(attempt -> send(attempt, found.target()));
            };
        }

        /** It is looked at once more right away, and then prepared for what the Service is now. */
        private Obstacle otherScheme(TargetResolution.Found found) {
            ServiceRef service = Objects.requireNonNull(request.serviceRef());
            String port =
                    service.port() == null ? "" : String.valueOf(service.port().getValue());
            String name = Objects.requireNonNull(service.name());
            String namespace = object.id().namespace();
            return new Obstacle(
                    Obstacle.Reason.TargetNotFound,
                    new Obstacle.Subject(Obstacle.Kind.Service, namespace, name, port),
                    "Service %s/%s has just changed to %s: the request is prepared anew."
                            .formatted(namespace, name, found.target().https() ? "HTTPS" : "HTTP"));
        }

        private Departure send(AttemptContext attempt, Target to) {
            tell(to);
            Departure departure = outside.http()
                    .send(new OutboundRequest(
                            new OutboundRequest.Target(security(), to.address(), to.port(), to.host()),
                            request.method().name(),
                            request.path(),
                            headers(attempt, contents.headers()),
                            contents.body(),
                            deadline));
            if (departure instanceof Departure.Left(Outcome outcome)) {
                dropRejectedToken(outcome);
                if (!outcome.isSuccess()) {
                    keepForItsLetter();
                }
            }
            return departure;
        }

        private void dropRejectedToken(Outcome outcome) {
            if (bearer != null && refusesCaller(outcome)) {
                outside.tokens().rejected(object.id().namespace(), bearer.account(), bearer.audience(), bearer.token());
            }
        }

        private static boolean refusesCaller(Outcome outcome) {
            return outcome instanceof Outcome.Answered answered
                    && (answered.statusCode() == 401 || answered.statusCode() == 403);
        }

        /** What has failed may have failed for good. */
        private void keepForItsLetter() {
            TaskSpec spec = object.spec();
            if (profile.deadLetterQueue() != null && spec != null) {
                TaskRecord record = context.tasks().get(object.id());
                if (record != null) {
                    record.keepDeadLetterDraft(
                            StatusReader.round(object.status()),
                            DeadLetterDraft.of(object, spec, profile.httpTarget()));
                }
            }
        }

        private OutboundRequest.Security security() {
            return https
                    ? new OutboundRequest.Security.Tls(
                            contents.trust(),
                            request.tls() == null ? null : request.tls().serverName())
                    : new OutboundRequest.Security.Plain();
        }

        /** What the queue had a part in, or once had, the outcome will tell. */
        private void tell(Target to) {
            TaskRecord record = context.tasks().get(object.id());
            if (record != null
                    && (profile.httpTarget() != null || record.writtenStatus().hasRequest())) {
                record.keepSentRequest(
                        StatusReader.round(object.status()), RequestSummaries.of(object, profile, request, to));
            }
        }

        @Override
        public Duration deadline() {
            return deadline;
        }

        @Override
        public long size() {
            return SpecCache.size(object) + contents.body().length;
        }

        private Map<String, String> headers(AttemptContext attempt, Map<String, String> own) {
            String name = Objects.requireNonNullElse(
                    object.requestedActions().key(), object.id().name());
            Map<String, String> all = outside.headers().of(attempt, families(profile), name, own, deadline);
            var withMore = new TreeMap<>(all);
            if (object.spec() != null && object.spec().deadLetterOf() != null) {
                withMore.putAll(origin(object.spec().deadLetterOf()).headers());
            }
            if (bearer != null) {
                withMore.put("Authorization", "Bearer " + bearer.token());
            }
            return withMore;
        }
    }

    private static DeadLetterOrigin origin(DeadLetterOf letter) {
        return new DeadLetterOrigin(
                letter.queue(), letter.task(), letter.reason(), letter.attempts(), letter.statusCode());
    }

    private static Set<CompatibilityHeaders> families(QueueProfile profile) {
        Set<CompatibilityHeaders> families = EnumSet.noneOf(CompatibilityHeaders.class);
        for (var family : profile.headerFamilies()) {
            switch (family) {
                case CloudTasks -> families.add(CompatibilityHeaders.CloudTasks);
                case AppEngine -> families.add(CompatibilityHeaders.AppEngine);
                case None -> {}
            }
        }
        return families;
    }
}
