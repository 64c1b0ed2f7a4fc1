package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Journal.Entry;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Creates one dead letter. The Task is looked at first: where it has ended meanwhile, or was started again, this end is not its end. For one
 * thread.
 */
final class DeadLetterWrite implements TaskWrite {
    private final Cluster cluster;
    private final Queues queues;
    private final String to;
    private final Entry.Finished end;
    private @Nullable LetterDraft draft;
    private boolean looked;
    private String note = "";

    /**
     * One that is not sent yet.
     *
     * @param to names the dead-letter queue
     * @param asSent the request that failed; null where it was not sent just now
     */
    DeadLetterWrite(Cluster cluster, Queues queues, String to, Entry.Finished end, @Nullable LetterDraft asSent) {
        this.cluster = cluster;
        this.queues = queues;
        this.to = to;
        this.end = end;
        this.draft = asSent;
    }

    /** Goes on in the Task's message; empty where nothing is to be said. */
    String note() {
        return note;
    }

    @Override
    public ApiAnswer send(TaskRecord record) throws IOException {
        if (!looked) {
            ApiAnswer answer = look(record);
            if (!(answer instanceof ApiAnswer.Done)) {
                return answer;
            }
            looked = true;
        }
        LetterDraft letter = draft;
        if (letter == null) {
            return new ApiAnswer.Refused("its spec cannot be read");
        }
        // Whatever the queues say: a dead letter never has one itself, so that none goes round in circles.
        return letter.ofDeadLetter() ? new ApiAnswer.Done(TaskReader.JSON.createObjectNode()) : create(record, letter);
    }

    private ApiAnswer look(TaskRecord record) throws IOException {
        return switch (cluster.api().look(record.id)) {
            case Lookup.Gone _ -> new ApiAnswer.Gone();
            case Lookup.Refused refused -> ApiAnswer.of(refused.reply());
            case Lookup.Found found -> look(record, found);
        };
    }

    private ApiAnswer look(TaskRecord record, Lookup.Found found) {
        TaskObject now = found.task();
        if (now.isFinished() || History.round(now.status()) > end.progress().round()) {
            // For whatever comes next, the watch tells of it.
            return new ApiAnswer.Gone();
        }
        TaskSpec spec = now.spec();
        if (draft == null && spec != null) {
            // Nothing of it was sent just now: the request is what the Task and its queue say together by now.
            QueueProfile profile = queues.get(record.queue);
            draft = LetterDraft.of(now, spec, profile == null ? null : profile.httpTarget());
        }
        return new ApiAnswer.Done(found.json());
    }

    private ApiAnswer create(TaskRecord record, LetterDraft letter) throws IOException {
        TaskId failed = record.id;
        String name = LetterDraft.name(failed, end.progress().round());
        ApiAnswer answer =
                ApiAnswer.of(cluster.api().create(failed.namespace(), letter.json(failed, record.queue, to, end)));
        return switch (answer) {
            case ApiAnswer.Done(var body) -> TaskReader.id(body).name().equals(name) ? created(name, answer) : lost();
            case ApiAnswer.Gone _ -> new ApiAnswer.Refused("the namespace is being deleted");
            case ApiAnswer.Refused(String why)
            when why.startsWith("the API server") ->
                new ApiAnswer.Refused(why + "; change what Task and httpTarget say there together");
            case ApiAnswer.Forbidden(String why) ->
                new ApiAnswer.Forbidden(
                        why + "; grant the operator create on tasks.taskqueue.dev, and look at the namespace's quota");
            default -> answer;
        };
    }

    /** There is a Task of that name: a try of ours whose answer was lost made it, or an earlier life, or somebody else. */
    @Override
    public ApiAnswer readBack(TaskRecord record) throws IOException {
        String name = LetterDraft.name(record.id, end.progress().round());
        ApiAnswer answer = ApiAnswer.of(cluster.api().get(new TaskId(record.id.namespace(), name, "")));
        return switch (answer) {
            case ApiAnswer.Done(var body) ->
                body.at("/spec/deadLetterOf/uid").asText().equals(record.id.uid())
                        ? created(name, answer)
                        : new ApiAnswer.Refused("another Task has its name " + name);
            // Not created yet, or gone again.
            case ApiAnswer.Gone _ -> new ApiAnswer.Stale();
            default -> answer;
        };
    }

    private ApiAnswer created(String name, ApiAnswer answer) {
        note = "Its dead letter is Task " + name + ".";
        return answer;
    }

    private static ApiAnswer lost() {
        return new ApiAnswer.Lost("the API server's answer makes no sense");
    }
}
