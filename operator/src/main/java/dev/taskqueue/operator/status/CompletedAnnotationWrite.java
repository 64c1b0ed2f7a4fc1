package dev.taskqueue.operator.status;

import dev.taskqueue.operator.cache.TaskMessage;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.CompletedAnnotation;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.write.TaskWrite;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.io.IOException;

/** Writes the annotation that says how the Task ended, and that outlives the status. It uses the version that it has just read. */
final class CompletedAnnotationWrite implements TaskWrite {
    private final TaskWriteContext context;
    private final Journal.Entry.Finished end;

    CompletedAnnotationWrite(TaskWriteContext context, Journal.Entry.Finished end) {
        this.context = context;
        this.end = end;
    }

    @Override
    public WriteAnswer send(TaskRecord record) throws IOException {
        return switch (context.lookUp(record)) {
            case ObjectLookup.Absent _ -> new WriteAnswer.NotFound();
            case ObjectLookup.Failed refused -> WriteAnswer.of(refused.reply());
            case ObjectLookup.Found found -> patch(record, found);
        };
    }

    private WriteAnswer patch(TaskRecord record, ObjectLookup.Found found) throws IOException {
        int round = end.history().round();
        if (!record.state().isDelivering(round)) {
            return new WriteAnswer.NotFound();
        }
        String patch = CompletedAnnotation.patch(found.json(), end).orElse(null);
        if (patch == null) {
            return new WriteAnswer.Done(found.json());
        }
        WriteAnswer answer = context.patch(record, patch);
        if (answer instanceof WriteAnswer.Done(var body)) {
            record.apply(new TaskMessage.MetadataWritten(round, TaskReader.resourceVersion(body)));
        }
        return answer;
    }

    /** Reads nothing, because {@link #send} begins with a read. */
    @Override
    public WriteAnswer readBack(TaskRecord record) {
        return new WriteAnswer.Conflict();
    }
}
