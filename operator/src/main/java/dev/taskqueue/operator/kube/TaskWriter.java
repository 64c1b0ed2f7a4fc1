package dev.taskqueue.operator.kube;

import java.io.IOException;
import java.time.Duration;

/**
 * The one way in which Tasks are written: asks for permission and for a place among the writes, sends, reads {@link ApiAnswer}, and tries
 * again after growing pauses. After the first conflict it tries at once,
 * after the next ones with a pause, too. No place is held during a pause.
 */
final class TaskWriter {
    /** Why a write waits while the fence is closed for a moment. */
    static final String LEADS_UNKNOWN = "whether this process still leads is not known";

    private static final ApiAnswer UNDECIDED = new ApiAnswer.Again(LEADS_UNKNOWN, Duration.ZERO);

    private final Cluster cluster;

    TaskWriter(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Writes until it is in, is refused for good, or cannot matter any more. Blocks; the fence is asked before each try. */
    WriteResult write(WriteKind kind, TaskRecord of, TaskWrite write) {
        try (WriteRetries.Series series = cluster.retries().begin(kind, of)) {
            while (true) {
                TaskRecord record = cluster.tasks().get(of.id);
                if (record == null) {
                    return WriteResult.GONE;
                }
                ApiAnswer answer = switch (cluster.leave(record)) {
                    case GRANTED -> attempt(kind, record, write);
                    case LATER -> UNDECIDED;
                    case REFUSED -> null;
                };
                if (answer == null) {
                    return WriteResult.FENCED;
                }
                WriteResult result = series.judge(answer);
                boolean goesOn = switch (result) {
                    case WriteResult.Later(String why, Duration atLeast) -> series.pause(why, atLeast);
                    case WriteResult.Stale _ -> series.pause("others change the Task, too", Duration.ZERO);
                    case WriteResult.Written _, WriteResult.Gone _, WriteResult.Refused _, WriteResult.Fenced _ ->
                        false;
                };
                if (!goesOn) {
                    return result;
                }
            }
        }
    }

    /** Writes once; for callers that come again by themselves. */
    WriteResult tryOnce(WriteKind kind, TaskRecord of, TaskWrite write) {
        try (WriteRetries.Series series = cluster.retries().begin(kind, of)) {
            TaskRecord record = cluster.tasks().get(of.id);
            if (record == null) {
                return WriteResult.GONE;
            }
            if (!cluster.fence().isOpen(of.id.namespace())) {
                return WriteResult.FENCED;
            }
            WriteResult result = series.judge(attempt(kind, record, write));
            if (result instanceof WriteResult.Later later) {
                series.failed(later.why());
            }
            return result;
        }
    }

    private ApiAnswer attempt(WriteKind kind, TaskRecord record, TaskWrite write) {
        try (WriteSlots.Slot _ = cluster.slots().enter(kind, record.queue)) {
            ApiAnswer answer = send(record, write);
            return switch (answer) {
                case ApiAnswer.Stale _ -> readBack(record, write);
                case ApiAnswer.Lost lost -> {
                    ApiAnswer found = readBack(record, write);
                    yield found instanceof ApiAnswer.Stale ? lost : found;
                }
                default -> answer;
            };
        }
    }

    private static ApiAnswer send(TaskRecord record, TaskWrite write) {
        try {
            return write.send(record);
        } catch (IOException | RuntimeException lost) {
            // An answer that makes no sense, such as a proxy's, is as good as none.
            return new ApiAnswer.Lost(lost.toString());
        }
    }

    private static ApiAnswer readBack(TaskRecord record, TaskWrite write) {
        try {
            return write.readBack(record);
        } catch (IOException | RuntimeException lost) {
            // An answer that makes no sense, such as a proxy's, is as good as none.
            return new ApiAnswer.Lost(lost.toString());
        }
    }
}
