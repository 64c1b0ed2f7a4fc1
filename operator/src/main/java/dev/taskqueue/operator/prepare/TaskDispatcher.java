package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.io.IOException;
import java.time.Duration;

/** Gathers what a request needs, in this order: the Task's spec, its queue's additions, the target, the token, and last Secrets and ConfigMaps. */
public final class TaskDispatcher implements Dispatcher {
    private final TaskWriteContext context;
    private final SpecCache specs;
    private final QueueProfiles queues;
    private final RequestPreparer preparer;
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
        this.preparer = new RequestPreparer(services, maxDeadline);
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
        EffectiveRequest request = EffectiveRequest.of(spec.httpRequest(), profile.httpTarget());
        return preparer.prepare(
                new DeliveredTask(task, context.tasks()),
                request,
                profile,
                spec.dispatchDeadline(),
                https -> RequestContents.gather(
                        new KeyReader(context.api())::read, bundles, RequestOwner.task(task.queue()), request, https));
    }
}
