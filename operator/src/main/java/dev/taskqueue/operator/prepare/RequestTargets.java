package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.Scheme;
import dev.taskqueue.operator.api.ServiceAccountToken;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.targets.TargetResolution;
import dev.taskqueue.operator.targets.TargetResolver;
import dev.taskqueue.operator.task.EffectiveRequest;

/** Derives the target and the audience of a request from what a Task or a batch and its queue say. */
final class RequestTargets {
    private RequestTargets() {}

    /** Resolves the Service that the request names. */
    static TargetResolution resolve(TargetResolver targets, RequestOwner owner, EffectiveRequest request) {
        QueueId queue = owner.queue();
        ServiceRef service = request.serviceRef();
        if (service == null || service.name() == null) {
            return new TargetResolution.Missing(new Obstacle(
                    Obstacle.Reason.TargetNotFound,
                    new Obstacle.Subject(Obstacle.Kind.TaskQueue, queue.namespace(), queue.name()),
                    "Neither the %s nor its queue's httpTarget names a serviceRef: name one in the queue."
                            .formatted(owner.name())));
        }
        Boolean https = request.scheme() == null ? null : (Boolean) (request.scheme() == Scheme.HTTPS);
        return targets.resolve(queue.namespace(), service.name(), service.port(), https);
    }

    /** The audience that the request names; without one, the target itself. */
    static String audience(ServiceAccountToken wanted, boolean https, String host) {
        return wanted.audience() != null ? wanted.audience() : (https ? "https://" : "http://") + host;
    }
}
