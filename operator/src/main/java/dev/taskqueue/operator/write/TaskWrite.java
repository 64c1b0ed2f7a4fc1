package dev.taskqueue.operator.write;

import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.kube.WriteAnswer;
import java.io.IOException;

/** One write to one Task: it can be sent, and it can find out whether it was done. {@link TaskWriter} decides when. */
public interface TaskWrite {
    /**
     * Sends the write, with the known version of the Task.
     *
     * @throws IllegalArgumentException if the answer cannot be read
     */
    WriteAnswer send(TaskRecord record) throws IOException;

    /**
     * Reads the Task after a conflict or a lost answer. {@link WriteAnswer.Done} = the write was done; {@link WriteAnswer.Conflict} = it was not done,
     * and may be sent again with what was read; {@link WriteAnswer.NotFound} = it is no longer needed.
     */
    WriteAnswer readBack(TaskRecord record) throws IOException;
}
