package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request delivers: a Task, or an item of a TaskBatch. It does what differs between them; {@link PreparedDelivery} does the rest. */
interface DeliveredObject {
    QueueId queue();

    /** How messages name it. */
    RequestOwner owner();

    /** The name that the handler gets. */
    String shownName();

    /** Where it failed before, if it is a dead letter. */
    @Nullable DeadLetterOf deadLetterOf();

    /** Adds the headers that only this kind of object has. */
    void addHeaders(Map<String, String> headers);

    /** The request is about to leave for this target. */
    void beforeSend(EffectiveRequest request, QueueProfile profile, Target target);

    /** The request has failed, perhaps for the last time. */
    void afterFailure(QueueProfile profile);

    /** About how many bytes of memory it takes, apart from the body as it is sent. */
    long size();
}
