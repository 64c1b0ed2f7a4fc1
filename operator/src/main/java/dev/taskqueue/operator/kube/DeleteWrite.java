package dev.taskqueue.operator.kube;

import java.io.IOException;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Deletes a Task, but only this very object in the version that is known: not what was created anew or has just been changed. */
final class DeleteWrite implements TaskWrite {
    private final Cluster cluster;
    private final @Nullable OnConflict onConflict;
    private final ToLongFunction<TaskRecord> version;

    /** What the object as it is now means for the delete. */
    interface OnConflict {
        ApiAnswer judge(TaskRecord record, TaskObject now);
    }

    /**
     * One that is not sent yet.
     *
     * @param version the resourceVersion that may be deleted
     * @param onConflict null = nothing is read after a conflict or a lost answer
     */
    DeleteWrite(Cluster cluster, ToLongFunction<TaskRecord> version, @Nullable OnConflict onConflict) {
        this.cluster = cluster;
        this.version = version;
        this.onConflict = onConflict;
    }

    @Override
    public ApiAnswer send(TaskRecord record) throws IOException {
        return ApiAnswer.of(cluster.api().delete(record.id, preconditions(record)));
    }

    @Override
    public ApiAnswer readBack(TaskRecord record) throws IOException {
        if (onConflict == null) {
            return new ApiAnswer.Stale();
        }
        return switch (cluster.look(record)) {
            case Lookup.Gone _ -> new ApiAnswer.Gone();
            case Lookup.Refused refused -> ApiAnswer.of(refused.reply());
            case Lookup.Found found -> onConflict.judge(record, found.task());
        };
    }

    private String preconditions(TaskRecord record) {
        return """
                {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",\
                "preconditions":{"uid":"%s","resourceVersion":"%d"}}\
                """.formatted(record.id.uid(), version.applyAsLong(record));
    }
}
