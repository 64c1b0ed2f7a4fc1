package dev.taskqueue.operator.write;

import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.kube.WriteAnswer;
import java.io.IOException;

/** One write to one Task: how it is sent, and how to find out whether it is in. {@link TaskWriter} decides when. */
public interface TaskWrite {
    /**
     * Sends it, in the version that is known of the Task.
     *
     * @throws IllegalArgumentException where the answer makes no sense
     */
    WriteAnswer send(TaskRecord record) throws IOException;

    /**
     * Reads what is there, after a conflict or a lost answer. {@link WriteAnswer.Done} = the write is in; {@link WriteAnswer.Conflict} = it is not,
     * and may be sent again with what was read; {@link WriteAnswer.NotFound} = nobody waits for it.
     */
    WriteAnswer readBack(TaskRecord record) throws IOException;
}
