package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.engine.Journal;
import java.io.IOException;

/** The note on the object itself that says how the Task ended: it outlives the status. It is written in the version that was just read. */
final class CompletedAnnotationWrite implements TaskWrite {
    private final Cluster cluster;
    private final Journal.Entry.Finished end;

    CompletedAnnotationWrite(Cluster cluster, Journal.Entry.Finished end) {
        this.cluster = cluster;
        this.end = end;
    }

    @Override
    public ApiAnswer send(TaskRecord record) throws IOException {
        return switch (cluster.look(record)) {
            case Lookup.Gone _ -> new ApiAnswer.Gone();
            case Lookup.Refused refused -> ApiAnswer.of(refused.reply());
            case Lookup.Found found -> patch(record, found);
        };
    }

    private ApiAnswer patch(TaskRecord record, Lookup.Found found) throws IOException {
        int round = end.progress().round();
        if (!record.known().isDelivering(round)) {
            return new ApiAnswer.Gone();
        }
        String patch = Completion.patch(found.json(), end).orElse(null);
        if (patch == null) {
            return new ApiAnswer.Done(found.json());
        }
        ApiAnswer answer = ApiAnswer.of(cluster.api().patch(record.id, patch));
        if (answer instanceof ApiAnswer.Done(var body)) {
            record.tell(new TaskMessage.Touched(round, TaskReader.resourceVersion(body)));
        }
        return answer;
    }

    /** Nothing to read: {@link #send} begins with it. */
    @Override
    public ApiAnswer readBack(TaskRecord record) {
        return new ApiAnswer.Stale();
    }
}
