package dev.taskqueue.operator.ops;

import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.engine.Listener;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line in the log for each attempt that has ended, if the settings ask for it. It names the Task, its queue and the outcome, and nothing of the request
 * or of the answer but the status code. {@link LogOutput} sets the level of its logger while the operator runs.
 */
public final class AttemptLog implements Listener {
    /** The logger of these lines: failed attempts are warnings. */
    static final String LOGGER = "dev.taskqueue.attempts";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    @Override
    public void attempted(
            AttemptContext attempt, Outcome outcome, Duration took, Supplier<@Nullable TraceContext> trace) {
        LoggingEventBuilder line = outcome.isSuccess() ? LOG.atInfo() : LOG.atWarn();
        if (!(outcome.isSuccess() ? LOG.isInfoEnabled() : LOG.isWarnEnabled())) {
            return;
        }
        line = named(line, attempt.queue(), attempt.key()).addKeyValue("attempt", attempt.number());
        if (outcome instanceof Outcome.Answered answered) {
            line = line.addKeyValue("code", answered.statusCode());
        }
        line = line.addKeyValue("reason", outcome.reason().name()).addKeyValue("tookMillis", took.toMillis());
        TraceContext context = trace.get();
        if (context != null) {
            line = line.addKeyValue("traceId", context.traceId());
        }
        line.log(outcome.isSuccess() ? "Attempt succeeded" : "Attempt failed");
    }

    private static LoggingEventBuilder named(LoggingEventBuilder line, QueueId queue, DeliveryKey key) {
        LoggingEventBuilder of =
                line.addKeyValue("namespace", queue.namespace()).addKeyValue("queue", queue.name());
        return switch (key) {
            case TaskId task -> of.addKeyValue("task", task.name()).addKeyValue("uid", task.uid());
            case ItemId item ->
                of.addKeyValue("batch", item.batch().name())
                        .addKeyValue("item", item.index())
                        .addKeyValue("uid", item.batch().uid());
        };
    }
}
