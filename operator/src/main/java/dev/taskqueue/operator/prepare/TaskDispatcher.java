package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.ServiceAccountToken;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.OperatorSetting;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.targets.TargetResolution;
import dev.taskqueue.operator.targets.TokenGrant;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Gathers what a request needs, in this order: the Task's spec, its queue's additions, the target, the token, and last Secrets and ConfigMaps. */
public final class TaskDispatcher implements Dispatcher {
    private final TaskWriteContext context;
    private final SpecCache specs;
    private final QueueProfiles queues;
    private final DispatchServices services;
    private final Duration maxDeadline;
    private final CaBundles bundles = new CaBundles();

    public TaskDispatcher(
            TaskWriteContext context,
            SpecCache specs,
            QueueProfiles queues,
            DispatchServices services,
            Duration maxDeadline) {
        this.context = context;
        this.specs = specs;
        this.queues = queues;
        this.services = services;
        this.maxDeadline = maxDeadline;
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        TaskId task = delivery.task();
        TaskRecord record = context.tasks().get(task);
        TaskObject cached = record == null ? null : record.takeSpec(specs);
        return cached != null
                ? prepare(cached, queue)
                : UnreadableTask.prepare(task, this::read, found -> prepare(found.task(), queue));
    }

    /** A Task that the API server's cache does not know yet may be in etcd. */
    private ObjectLookup read(TaskId task) throws IOException {
        ObjectLookup cached = context.api().lookUpInCache(task);
        return cached instanceof ObjectLookup.Absent ? context.api().lookUp(task) : cached;
    }

    private Preparation prepare(TaskObject task, QueueId queue) {
        QueueProfile profile = queues.get(queue);
        if (profile == null) {
            return new Preparation.Blocked(Obstacle.noQueue(queue));
        }
        TaskSpec spec = task.spec();
        if (spec == null) {
            return new Preparation.NoTask();
        }
        Duration deadline =
                spec.dispatchDeadline() == null ? profile.dispatchDeadline() : Durations.parse(spec.dispatchDeadline());
        return deadline.compareTo(maxDeadline) > 0
                ? new Preparation.Blocked(deadlineAbove(maxDeadline, spec, task.queue(), deadline))
                : gather(task, EffectiveRequest.of(spec, profile.httpTarget()), profile, deadline);
    }

    private Preparation gather(TaskObject task, EffectiveRequest request, QueueProfile profile, Duration deadline) {
        Target target;
        switch (RequestTargets.resolve(services.targets(), task.queue(), request)) {
            case TargetResolution.Missing(Obstacle obstacle) -> {
                return new Preparation.Blocked(obstacle);
            }
            case TargetResolution.Found(Target found) -> target = found;
        }
        CallerToken token = null;
        ServiceAccountToken wanted = request.serviceAccountToken();
        if (wanted != null && wanted.serviceAccountName() != null) {
            String audience = RequestTargets.audience(wanted, target.https(), target.host());
            switch (services.tokens().token(task.id().namespace(), wanted.serviceAccountName(), audience)) {
                case TokenGrant.Denied(Obstacle obstacle) -> {
                    return new Preparation.Blocked(obstacle);
                }
                case TokenGrant.Granted(String granted) ->
                    token = new CallerToken(wanted.serviceAccountName(), audience, granted);
            }
        }
        var draft = new PreparedTask.Draft(task, request, profile, deadline, target.https());
        return withContents(draft, token);
    }

    /** The last step, so that secrets are in memory for as short a time as possible. */
    private Preparation withContents(PreparedTask.Draft draft, @Nullable CallerToken token) {
        var reader = new KeyReader(context.api());
        return switch (RequestContents.gather(
                reader, bundles, draft.task().queue(), draft.request(), draft.https())) {
            case RequestContents.Gathered.Missing(Obstacle obstacle) -> new Preparation.Blocked(obstacle);
            case RequestContents.Gathered.Complete(RequestContents contents) ->
                new Preparation.Ready(new PreparedTask(services, context.tasks(), draft, token, contents));
        };
    }

    /** The obstacle of a deadline above the operator's limit. A Task's own deadline cannot be changed; that of a queue can be lowered. */
    private static Obstacle deadlineAbove(Duration max, TaskSpec spec, QueueId queue, Duration deadline) {
        if (spec.dispatchDeadline() != null) {
            return SpecRules.deadlineAbove(queue.namespace(), max);
        }
        return new Obstacle(
                Obstacle.Reason.LimitExceeded,
                new Obstacle.Subject(Obstacle.Kind.TaskQueue, queue.namespace(), queue.name()),
                "The queue's dispatchDeadline %s is above %s: lower it, or have the operator's %s raised."
                        .formatted(
                                Durations.format(deadline),
                                Durations.format(max),
                                OperatorSetting.MAX_DISPATCH_DEADLINE));
    }
}
