package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.TaskId;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The requests that have failed, as they were sent, from then until their outcome is taken to be written: a few at a time. Of a Task that
 * is deleted in between nobody takes it; it goes with the Task's record.
 */
final class SentRequests {
    private final Tasks tasks;
    private final Map<TaskRecord, LetterDraft> drafts = Collections.synchronizedMap(new WeakHashMap<>());

    SentRequests(Tasks tasks) {
        this.tasks = tasks;
    }

    void keep(TaskId task, LetterDraft draft) {
        TaskRecord record = tasks.get(task);
        if (record != null) {
            drafts.put(record, draft);
        }
    }

    /** Hands it out, once; null where this process has not sent it just now. */
    @Nullable LetterDraft take(TaskRecord record) {
        return drafts.remove(record);
    }
}
