package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Journal;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of queues with a {@code deadLetter}: where a Task fails for good, its dead letter is created first, and only then is the end
 * written. Its name follows from the Task, so that a crash in between leads to one dead letter and neither to none nor to two. What the API
 * server does not take never keeps a Task from its end; the Task's message then says so.
 */
final class DeadLetters implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private final Cluster cluster;
    private final Queues queues;
    private final SentRequests sent;
    private final Journal outcomes;
    private final Tries tries;

    /** @param outcomes writes the end itself, and everything else */
    DeadLetters(Cluster cluster, Queues queues, SentRequests sent, Journal outcomes) {
        this.cluster = cluster;
        this.queues = queues;
        this.sent = sent;
        this.outcomes = outcomes;
        this.tries = new Tries(cluster.wall(), "Dead letters are not created yet");
    }

    @Override
    public Receipt write(DeliveryId delivery, QueueId queue, Entry entry) {
        TaskRecord record = cluster.tasks().get(delivery.task());
        LetterDraft asSent = record == null ? null : sent.take(record);
        if (record == null || !(entry instanceof Entry.Finished end) || !leavesALetter(end.ending())) {
            return outcomes.write(delivery, queue, entry);
        }
        String to = recipient(queue);
        if (to == null) {
            return outcomes.write(delivery, queue, entry);
        }
        record.conclude(entry);
        return create(new Posting(delivery, record, to, end, asSent));
    }

    private static boolean leavesALetter(Ending ending) {
        return switch (ending.reason()) {
            case RetriesExhausted, NonRetryable, Expired -> true;
            case Delivered, InvalidSpec, AlreadyCompleted -> false;
        };
    }

    /** The dead-letter queue's name; null where the queue has none. A queue that names itself is not served, and gets no more Tasks. */
    private @Nullable String recipient(QueueId queue) {
        QueueProfile profile = queues.get(queue);
        return profile == null || queue.name().equals(profile.deadLetter()) ? null : profile.deadLetter();
    }

    private Receipt create(Posting posting) {
        TaskId task = posting.record.id;
        Tries.Series series = tries.of(task);
        while (true) {
            if (cluster.tasks().get(task) == null) {
                return new Receipt.Gone();
            }
            Step step = switch (cluster.leave(posting.record)) {
                case GRANTED -> step(posting);
                case LATER -> new Step.Again(StatusJournal.LEADS_UNKNOWN, Duration.ZERO);
                case REFUSED -> new Step.Fenced();
            };
            switch (step) {
                case Step.Settled settled -> {
                    return outcomes.write(posting.delivery, posting.record.queue, posting.endWith(settled.note()));
                }
                case Step.Gone _ -> {
                    return new Receipt.Gone();
                }
                case Step.Fenced _ -> {
                    return new Receipt.Fenced();
                }
                case Step.Again again -> {
                    if (!series.again(again.why(), again.atLeast())) {
                        return new Receipt.Fenced();
                    }
                }
                case Step.Drafted _ -> {}
            }
        }
    }

    private Step step(Posting posting) {
        cluster.slots().enter();
        try {
            LetterDraft draft = posting.draft;
            if (draft == null) {
                return draft(posting);
            }
            // Whatever the queues say: a dead letter never has one itself, so that none goes round in circles.
            return draft.ofDeadLetter() ? new Step.Settled("") : post(posting, draft);
        } catch (IOException | IllegalArgumentException lost) {
            // An answer that makes no sense, such as a proxy's, is as good as none.
            return new Step.Again(lost.toString(), Duration.ZERO);
        } finally {
            cluster.slots().leave();
        }
    }

    /** What one step came to. */
    private sealed interface Step {
        /**
         * There is a dead letter now, or there will be none.
         *
         * @param note goes on in the Task's message
         */
        record Settled(String note) implements Step {}

        /** The Task object is gone. */
        record Gone() implements Step {}

        /** Another process decides. */
        record Fenced() implements Step {}

        /** What the dead letter asks for is known. */
        record Drafted() implements Step {}

        record Again(String why, Duration atLeast) implements Step {}
    }

    /** One dead letter on its way; of one thread. */
    private static final class Posting {
        final DeliveryId delivery;
        final TaskRecord record;
        final String to;
        final Entry.Finished end;

        @Nullable LetterDraft draft;

        int forbidden;

        Posting(DeliveryId delivery, TaskRecord record, String to, Entry.Finished end, @Nullable LetterDraft draft) {
            this.delivery = delivery;
            this.record = record;
            this.to = to;
            this.end = end;
            this.draft = draft;
        }

        Entry.Finished endWith(String note) {
            Ending ending = end.ending();
            String message = note.isEmpty() ? ending.message() : ending.message() + " " + note;
            return new Entry.Finished(end.progress(), new Ending(ending.reason(), message), end.at());
        }
    }

    /** Nothing of it was sent just now: the request is what the Task and its queue say together by now. */
    private Step draft(Posting posting) throws IOException {
        return switch (cluster.api().look(posting.record.id)) {
            case Lookup.Gone _ -> new Step.Gone();
            case Lookup.Refused refused -> again(refused.reply());
            case Lookup.Found found -> draft(posting, found.task());
        };
    }

    private Step draft(Posting posting, TaskObject now) {
        TaskSpec spec = now.spec();
        if (spec == null) {
            return refused(posting, "its spec cannot be read");
        }
        QueueProfile profile = queues.get(posting.record.queue);
        posting.draft = LetterDraft.of(now, spec, profile == null ? null : profile.httpTarget());
        return new Step.Drafted();
    }

    private Step post(Posting posting, LetterDraft draft) throws IOException {
        TaskId failed = posting.record.id;
        String name = LetterDraft.name(failed, posting.end.progress().round());
        ApiServer.Reply reply = cluster.api()
                .create(failed.namespace(), draft.json(failed, posting.record.queue, posting.to, posting.end));
        JsonNode answer = TaskReader.tree(reply.body());
        if (reply.isSuccess()) {
            return TaskReader.id(answer).name().equals(name) ? posted(name) : again(reply);
        }
        return switch (LetterRefusal.of(reply.code(), answer)) {
            case LetterRefusal.Taken _ -> whoseIs(posting, name);
            case LetterRefusal.Forbidden forbidden ->
                ++posting.forbidden < LetterRefusal.MAX_FORBIDDEN ? again(reply) : refused(posting, forbidden.why());
            case LetterRefusal.Final refusal -> refused(posting, refusal.why());
            case LetterRefusal.Passing _ -> again(reply);
        };
    }

    /** There is a Task of that name: a try of ours whose answer was lost made it, or an earlier life, or somebody else. */
    private Step whoseIs(Posting posting, String name) throws IOException {
        TaskId failed = posting.record.id;
        ApiServer.Reply reply = cluster.api().get(new TaskId(failed.namespace(), name, ""));
        if (!reply.isSuccess()) {
            return again(reply);
        }
        String of = TaskReader.tree(reply.body())
                .path("spec")
                .path("deadLetterOf")
                .path("uid")
                .asText();
        return of.equals(failed.uid()) ? posted(name) : refused(posting, "another Task has its name " + name);
    }

    private static Step posted(String name) {
        return new Step.Settled("Its dead letter is Task " + name + ".");
    }

    private static Step refused(Posting posting, String why) {
        LOG.warn("Task {} has no dead letter in TaskQueue {}: {}", posting.record.id, posting.to, why);
        return new Step.Settled("It has no dead letter in TaskQueue " + posting.to + ": " + why + ".");
    }

    private static Step again(ApiServer.Reply reply) {
        return new Step.Again(reply.refusal(), reply.retryAfter());
    }
}
