package dev.taskqueue.operator.traces;

import dev.taskqueue.operator.domain.FailureStreak;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log when the collector takes no spans, and when it takes them again. The library says it each few seconds, with a stack trace. */
final class ReportedExporter implements SpanExporter {
    private static final Logger LOG = LoggerFactory.getLogger(ReportedExporter.class);

    private final SpanExporter exporter;
    private final String endpoint;
    private final LongSupplier nanos;
    /** Its monitor guards it. */
    private final FailureStreak failures = new FailureStreak();

    ReportedExporter(SpanExporter exporter, String endpoint, LongSupplier nanos) {
        this.exporter = exporter;
        this.endpoint = endpoint;
        this.nanos = nanos;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = exporter.export(spans);
        return result.whenComplete(() -> report(result.isSuccess()));
    }

    private void report(boolean isSuccess) {
        synchronized (failures) {
            if (isSuccess) {
                failures.ended(nanos.getAsLong())
                        .ifPresent(after -> LOG.info("{} takes spans again, {}", endpoint, after));
            } else {
                failures.failed("", nanos.getAsLong())
                        .ifPresent(age -> LOG.warn(
                                "{} takes no spans{}: they are dropped. Check the collector, or TASKQUEUE_TRACES_ENDPOINT (traces.endpoint of the chart)",
                                endpoint,
                                age));
            }
        }
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
