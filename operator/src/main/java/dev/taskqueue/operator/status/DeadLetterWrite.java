package dev.taskqueue.operator.status;

import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Journal.Entry;
import dev.taskqueue.operator.kube.CreationExpectations;
import dev.taskqueue.operator.kube.CreationExpectations.Expected;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.DeadLetterDraft;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskJson;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.write.TaskWrite;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Creates one dead letter. It reads the Task first: if the Task has ended meanwhile or was redriven, this end no longer counts. For one thread.
 */
final class DeadLetterWrite implements TaskWrite {
    private static final String POLICY = "; have that policy allow this dead letter, which has the labels of the Task";

    private final TaskWriteContext context;
    private final QueueProfiles queues;
    private final String deadLetterQueue;
    private final Entry.Finished end;
    private @Nullable DeadLetterDraft draft;
    private boolean isLookedUp;
    private String note = "";

    /**
     * Creates a write that is not sent yet.
     *
     * @param deadLetterQueue the name of the dead-letter queue
     * @param asSent the request that failed; null if this process has not just sent it
     */
    DeadLetterWrite(
            TaskWriteContext context,
            QueueProfiles queues,
            String deadLetterQueue,
            Entry.Finished end,
            @Nullable DeadLetterDraft asSent) {
        this.context = context;
        this.queues = queues;
        this.deadLetterQueue = deadLetterQueue;
        this.end = end;
        this.draft = asSent;
    }

    /** The sentence to append to the Task's message; empty if there is nothing to say. */
    String note() {
        return note;
    }

    /** Whether there is a dead letter. The end of a dead letter has none. */
    boolean isCreated() {
        return !note.isEmpty();
    }

    @Override
    public WriteAnswer send(TaskRecord record) throws IOException {
        if (!isLookedUp) {
            WriteAnswer answer = lookUp(record);
            if (!(answer instanceof WriteAnswer.Done)) {
                return answer;
            }
            isLookedUp = true;
        }
        DeadLetterDraft deadLetter = draft;
        if (deadLetter == null) {
            return new WriteAnswer.Rejected("its spec cannot be read");
        }
        // A dead letter never has a dead letter itself, whatever the queues say, so that there is no circle.
        return deadLetter.ofDeadLetter()
                ? new WriteAnswer.Done(TaskJson.MAPPER.createObjectNode())
                : create(record, deadLetter);
    }

    private WriteAnswer lookUp(TaskRecord record) throws IOException {
        return switch (context.api().lookUp(record.id)) {
            case ObjectLookup.Absent _ -> new WriteAnswer.NotFound();
            case ObjectLookup.Failed refused -> WriteAnswer.of(refused.reply());
            case ObjectLookup.Found found -> lookUp(record, found);
        };
    }

    private WriteAnswer lookUp(TaskRecord record, ObjectLookup.Found found) {
        TaskObject now = found.task();
        if (now.isFinished() || StatusReader.round(now.status()) > end.history().round()) {
            // The watch shows what comes next.
            return new WriteAnswer.NotFound();
        }
        TaskSpec spec = now.spec();
        if (draft == null && spec != null) {
            // This process has not just sent the request, so it is merged from the Task and the present queue.
            QueueProfile profile = queues.get(record.queue);
            draft = DeadLetterDraft.of(now, spec, profile == null ? null : profile.httpTarget());
        }
        draft = draft == null ? null : draft.withLabelsOf(found.json());
        return new WriteAnswer.Done(found.json());
    }

    private WriteAnswer create(TaskRecord record, DeadLetterDraft deadLetter) throws IOException {
        TaskId failed = record.id;
        Expected expected = expected(record);
        String name = expected.name();
        if (creations().isShown(expected)) {
            return delivered(expected);
        }
        creations().expect(expected);
        WriteAnswer answer = context.create(record, deadLetter.json(failed, record.queue, deadLetterQueue, end));
        return switch (answer) {
            case WriteAnswer.Done(var body) ->
                TaskReader.id(body).name().equals(name) ? created(expected, answer) : unreadableAnswer();
            case WriteAnswer.NotFound _ -> new WriteAnswer.Rejected("the namespace is being deleted");
            case WriteAnswer.Rejected(String why)
            when WriteAnswer.namesPolicy(why) -> new WriteAnswer.Rejected(why + POLICY);
            case WriteAnswer.Forbidden(String why)
            when WriteAnswer.namesPolicy(why) -> new WriteAnswer.Forbidden(why + POLICY);
            case WriteAnswer.Rejected(String why)
            when why.startsWith("the API server") ->
                new WriteAnswer.Rejected(why + "; change what Task and httpTarget say there together");
            case WriteAnswer.Forbidden(String why) ->
                new WriteAnswer.Forbidden(
                        why + "; grant the operator create on tasks.taskqueue.dev, and look at the namespace's quota");
            default -> answer;
        };
    }

    /** Reads the Task that has the name already: a try whose answer was lost created it, or an earlier process, or somebody else. */
    @Override
    public WriteAnswer readBack(TaskRecord record) throws IOException {
        Expected expected = expected(record);
        String name = expected.name();
        WriteAnswer answer = WriteAnswer.of(context.api().get(new TaskId(record.id.namespace(), name, "")));
        return switch (answer) {
            case WriteAnswer.Done(var body) ->
                body.at("/spec/deadLetterOf/uid").asText().equals(record.id.uid())
                        ? created(expected, answer)
                        : new WriteAnswer.Rejected("another Task has its name " + name);
            // It was not created, or it is delivered and deleted already.
            case WriteAnswer.NotFound _ ->
                creations().isShown(expected) ? delivered(expected) : new WriteAnswer.Conflict();
            default -> answer;
        };
    }

    private Expected expected(TaskRecord failed) {
        String name = DeadLetterDraft.name(failed.id, end.history().round());
        return new Expected(failed.id.namespace(), name, failed.id.uid());
    }

    private CreationExpectations creations() {
        return context.api().creations();
    }

    private WriteAnswer delivered(Expected expected) {
        return created(expected, new WriteAnswer.Done(TaskJson.MAPPER.createObjectNode()));
    }

    private WriteAnswer created(Expected expected, WriteAnswer answer) {
        // It stays expected: if the end of the Task is refused, its write begins again with the dead letter.
        note = "Its dead letter is Task " + expected.name() + ".";
        return answer;
    }

    private static WriteAnswer unreadableAnswer() {
        return new WriteAnswer.Lost("the API server's answer makes no sense");
    }
}
