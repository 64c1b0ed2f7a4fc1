package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.ServiceAccountToken;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.OperatorSetting;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Dispatcher.Preparation;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.targets.TargetResolution;
import dev.taskqueue.operator.targets.TokenGrant;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.SpecRules;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Prepares a request of which everything is known that its object and its queue say: it adds the target, the token, and last the contents. */
final class RequestPreparer {
    private final DispatchServices services;
    private final Duration maxDeadline;

    RequestPreparer(DispatchServices services, Duration maxDeadline) {
        this.services = services;
        this.maxDeadline = maxDeadline;
    }

    /** Reads the contents of a request. */
    interface ContentsReader {
        /**
         * Reads them for this attempt.
         *
         * @param https whether the target speaks TLS. Only then the CA is read
         */
        RequestContents.Gathered read(boolean https);
    }

    /**
     * Prepares a request, or returns the first obstacle.
     *
     * @param ownDeadline the deadline that the object itself names; null = that of the queue
     */
    Preparation prepare(
            DeliveredObject object,
            EffectiveRequest request,
            QueueProfile profile,
            @Nullable String ownDeadline,
            ContentsReader contents) {
        Duration deadline = ownDeadline == null ? profile.dispatchDeadline() : Durations.parse(ownDeadline);
        if (deadline.compareTo(maxDeadline) > 0) {
            QueueId queue = object.queue();
            return new Preparation.Blocked(
                    ownDeadline == null
                            ? queueDeadlineAbove(queue, deadline)
                            : SpecRules.deadlineAbove(queue.namespace(), maxDeadline));
        }
        return switch (RequestTargets.resolve(services.targets(), object.owner(), request)) {
            case TargetResolution.Missing(Obstacle obstacle) -> new Preparation.Blocked(obstacle);
            case TargetResolution.Found(Target target) ->
                withToken(
                        new PreparedDelivery.Draft(object, request, profile, deadline, target.https()),
                        target,
                        contents);
        };
    }

    private Preparation withToken(PreparedDelivery.Draft draft, Target target, ContentsReader contents) {
        ServiceAccountToken wanted = draft.request().serviceAccountToken();
        String account = wanted == null ? null : wanted.serviceAccountName();
        if (wanted == null || account == null) {
            return withContents(draft, null, contents);
        }
        String audience = RequestTargets.audience(wanted, target.https(), target.host());
        String namespace = draft.object().queue().namespace();
        return switch (services.tokens().token(namespace, account, audience)) {
            case TokenGrant.Denied(Obstacle obstacle) -> new Preparation.Blocked(obstacle);
            case TokenGrant.Granted(String granted) ->
                withContents(draft, new CallerToken(account, audience, granted), contents);
        };
    }

    /** The last step, so that secrets are in memory for as short a time as possible. */
    private Preparation withContents(
            PreparedDelivery.Draft draft, @Nullable CallerToken token, ContentsReader contents) {
        return switch (contents.read(draft.https())) {
            case RequestContents.Gathered.Missing(Obstacle obstacle) -> new Preparation.Blocked(obstacle);
            case RequestContents.Gathered.Complete(RequestContents complete) ->
                new Preparation.Ready(new PreparedDelivery(services, draft, token, complete));
        };
    }

    /** The obstacle of a queue's deadline above the operator's limit. It can be lowered; an object's own deadline cannot be changed. */
    private Obstacle queueDeadlineAbove(QueueId queue, Duration deadline) {
        return new Obstacle(
                Obstacle.Reason.LimitExceeded,
                new Obstacle.Subject(Obstacle.Kind.TaskQueue, queue.namespace(), queue.name()),
                "The queue's dispatchDeadline %s is above %s: lower it, or have the operator's %s raised."
                        .formatted(
                                Durations.format(deadline),
                                Durations.format(maxDeadline),
                                OperatorSetting.MAX_DISPATCH_DEADLINE));
    }
}
