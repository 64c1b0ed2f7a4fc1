package dev.taskqueue.operator.write;

import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.kube.WriteAnswer;
import java.io.IOException;
import java.time.Duration;

/**
 * Does all writes to Tasks. It asks for permission, waits for a slot, sends, reads the {@link WriteAnswer}, and tries again after growing pauses. After
 * the first conflict it tries again at once, after later ones with a pause. It holds no slot during a pause.
 */
public final class TaskWriter {
    private final TaskWriteContext context;

    public TaskWriter(TaskWriteContext context) {
        this.context = context;
    }

    /**
     * Tries until the write is done, refused for good, or no longer needed. Blocks. The fence is asked before each try, and once more when its request
     * is complete.
     */
    public WriteResult write(WriteKind kind, TaskRecord of, TaskWrite write) {
        try (WriteRetries.Series series = context.retries().begin(kind, of.id, of.queue)) {
            while (true) {
                TaskRecord record = context.tasks().get(of.id);
                if (record == null) {
                    return WriteResult.NOT_NEEDED;
                }
                WriteAnswer answer = switch (context.mayWrite(record)) {
                    case GRANTED -> attempt(kind, record, write);
                    case LATER -> WriteAnswer.UNDECIDED;
                    case DENIED -> null;
                };
                if (answer == null) {
                    return WriteResult.FENCED;
                }
                WriteResult result = series.resultOf(answer);
                boolean triesAgain = switch (result) {
                    case WriteResult.RetryLater(String why, Duration atLeast) -> series.pause(why, atLeast);
                    case WriteResult.Conflict _ -> series.pause("others change the Task, too", Duration.ZERO);
                    case WriteResult.Written _, WriteResult.NotNeeded _, WriteResult.Refused _, WriteResult.Fenced _ ->
                        false;
                };
                if (!triesAgain) {
                    return result;
                }
            }
        }
    }

    /** Tries once, for callers that repeat the write themselves. */
    public WriteResult tryOnce(WriteKind kind, TaskRecord of, TaskWrite write) {
        try (WriteRetries.Series series = context.retries().begin(kind, of.id, of.queue)) {
            TaskRecord record = context.tasks().get(of.id);
            if (record == null) {
                return WriteResult.NOT_NEEDED;
            }
            if (!context.fence().isOpen(of.id.namespace())) {
                return WriteResult.FENCED;
            }
            WriteResult result = series.resultOf(attempt(kind, record, write));
            if (result instanceof WriteResult.RetryLater later) {
                series.failed(later.why());
            }
            return result;
        }
    }

    private WriteAnswer attempt(WriteKind kind, TaskRecord record, TaskWrite write) {
        try (WriteSlots.Slot _ = context.slots().acquire(kind, record.queue)) {
            WriteAnswer answer = send(record, write);
            return switch (answer) {
                case WriteAnswer.Conflict _ -> readBack(record, write);
                case WriteAnswer.Lost lost -> {
                    WriteAnswer found = readBack(record, write);
                    yield found instanceof WriteAnswer.Conflict ? lost : found;
                }
                default -> answer;
            };
        }
    }

    private static WriteAnswer send(TaskRecord record, TaskWrite write) {
        try {
            return write.send(record);
        } catch (IOException | RuntimeException lost) {
            // An answer that cannot be read, for example from a proxy, counts as lost.
            return new WriteAnswer.Lost(lost.toString());
        }
    }

    private static WriteAnswer readBack(TaskRecord record, TaskWrite write) {
        try {
            return write.readBack(record);
        } catch (IOException | RuntimeException lost) {
            // An answer that cannot be read, for example from a proxy, counts as lost.
            return new WriteAnswer.Lost(lost.toString());
        }
    }
}
