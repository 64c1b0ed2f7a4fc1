package dev.taskqueue.operator.retention;

import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.kube.ObjectLookup;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.write.TaskWrite;
import dev.taskqueue.operator.write.TaskWriteContext;
import java.io.IOException;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Deletes a Task, but only the same object in the known version: not one that was created again, or that has just changed. */
public final class DeleteWrite implements TaskWrite {
    private final TaskWriteContext context;
    private final @Nullable OnConflict onConflict;
    private final ToLongFunction<TaskRecord> version;

    /** Decides after a conflict what the present object means for the delete. */
    public interface OnConflict {
        WriteAnswer judge(TaskRecord record, TaskObject now);
    }

    /**
     * Creates a delete that is not sent yet.
     *
     * @param version the resourceVersion that may be deleted
     * @param onConflict null = nothing is read after a conflict or a lost answer
     */
    public DeleteWrite(TaskWriteContext context, ToLongFunction<TaskRecord> version, @Nullable OnConflict onConflict) {
        this.context = context;
        this.version = version;
        this.onConflict = onConflict;
    }

    @Override
    public WriteAnswer send(TaskRecord record) throws IOException {
        return context.delete(record, preconditions(record));
    }

    @Override
    public WriteAnswer readBack(TaskRecord record) throws IOException {
        if (onConflict == null) {
            return new WriteAnswer.Conflict();
        }
        return switch (context.lookUp(record)) {
            case ObjectLookup.Absent _ -> new WriteAnswer.NotFound();
            case ObjectLookup.Failed refused -> WriteAnswer.of(refused.reply());
            case ObjectLookup.Found found -> onConflict.judge(record, found.task());
        };
    }

    private String preconditions(TaskRecord record) {
        return """
                {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",\
                "preconditions":{"uid":"%s","resourceVersion":"%d"}}\
                """.formatted(record.id.uid(), version.applyAsLong(record));
    }
}
