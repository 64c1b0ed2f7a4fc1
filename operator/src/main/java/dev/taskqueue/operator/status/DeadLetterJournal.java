package dev.taskqueue.operator.status;

import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.task.DeadLetterDraft;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.TaskWriter;
import dev.taskqueue.operator.write.WriteKind;
import dev.taskqueue.operator.write.WriteResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal for queues with a {@code deadLetter}. When a Task fails for good, it creates the dead letter first and writes the end after that. The
 * name of the dead letter follows from the Task, so that a crash between the two writes leads to exactly one dead letter. If the API server refuses
 * the dead letter, the Task ends all the same, and its message says why.
 */
public final class DeadLetterJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterJournal.class);

    private final TaskWriteContext context;
    private final QueueProfiles queues;
    private final Listener listener;
    private final Journal outcomes;
    private final TaskWriter writer;

    /**
     * Creates a journal in front of another one.
     *
     * @param listener hears of each dead letter
     * @param outcomes writes the ends, and all other entries
     */
    public DeadLetterJournal(TaskWriteContext context, QueueProfiles queues, Listener listener, Journal outcomes) {
        this.listener = listener;
        this.context = context;
        this.queues = queues;
        this.outcomes = outcomes;
        this.writer = new TaskWriter(context);
    }

    @Override
    public Receipt write(DeliveryId delivery, QueueId queue, Entry entry) {
        TaskRecord record = context.tasks().get(delivery.task());
        DeadLetterDraft asSent = record == null ? null : record.takeDeadLetterDraft();
        if (record == null || !(entry instanceof Entry.Finished end) || !needsDeadLetter(end.ending())) {
            return outcomes.write(delivery, queue, entry);
        }
        String deadLetterQueue = deadLetterQueue(queue);
        if (deadLetterQueue == null) {
            return outcomes.write(delivery, queue, entry);
        }
        if (record.beginOutcomeWrite(entry) != TaskRecord.OutcomeWriteStep.WRITE) {
            // The write of the outcome finds out the same.
            return outcomes.write(delivery, queue, entry);
        }
        var deadLetter = new DeadLetterWrite(context, queues, deadLetterQueue, end, asSent);
        return switch (writer.write(WriteKind.DEAD_LETTER, record, deadLetter)) {
            case WriteResult.Written _ -> {
                if (deadLetter.isCreated()) {
                    listener.deadLettered(queue, 1);
                }
                yield outcomes.write(delivery, queue, withNote(end, deadLetter.note()));
            }
            case WriteResult.Refused(String why, var _) -> {
                LOG.warn("Task {} has no dead letter in TaskQueue {}: {}", record.id, deadLetterQueue, why);
                String note = "It has no dead letter in TaskQueue " + deadLetterQueue + ": " + why + ".";
                yield outcomes.write(delivery, queue, withNote(end, note));
            }
            case WriteResult.NotNeeded _ -> new Receipt.TaskDeleted();
            case WriteResult.Fenced _, WriteResult.Conflict _, WriteResult.RetryLater _ -> new Receipt.Fenced();
        };
    }

    @Override
    public void saveUnwritten(DeliveryId delivery, Entry.Finished end) {
        outcomes.saveUnwritten(delivery, end);
    }

    private static boolean needsDeadLetter(Ending ending) {
        return switch (ending.reason()) {
            case RetriesExhausted, NonRetryable, Expired -> true;
            case Delivered, InvalidSpec, AlreadyCompleted -> false;
        };
    }

    /** The name of the dead-letter queue; null if the queue has none. A queue that names itself is not served, and counts as one without. */
    private @Nullable String deadLetterQueue(QueueId queue) {
        QueueProfile profile = queues.get(queue);
        return profile == null || queue.name().equals(profile.deadLetterQueue()) ? null : profile.deadLetterQueue();
    }

    private static Entry.Finished withNote(Entry.Finished end, String note) {
        Ending ending = end.ending();
        String message = note.isEmpty() ? ending.message() : ending.message() + " " + note;
        return new Entry.Finished(end.history(), new Ending(ending.reason(), message), end.at());
    }
}
