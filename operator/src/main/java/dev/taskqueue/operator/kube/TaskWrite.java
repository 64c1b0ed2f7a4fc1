package dev.taskqueue.operator.kube;

import java.io.IOException;

/** One write to one Task: how it is sent, and how to find out whether it is in. {@link TaskWriter} decides when. */
interface TaskWrite {
    /**
     * Sends it, in the version that is known of the Task.
     *
     * @throws IllegalArgumentException where the answer makes no sense
     */
    ApiAnswer send(TaskRecord record) throws IOException;

    /**
     * Reads what is there, after a conflict or a lost answer. {@link ApiAnswer.Done} = the write is in; {@link ApiAnswer.Stale} = it is not,
     * and may be sent again with what was read; {@link ApiAnswer.Gone} = nobody waits for it.
     */
    ApiAnswer readBack(TaskRecord record) throws IOException;
}
