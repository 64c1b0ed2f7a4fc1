package dev.taskqueue.operator.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** The samples of CPU time in a recording, counted by what the thread was doing. */
final class CpuSamples {
    private static final String SAMPLE = "jdk.CPUTimeSample";

    /** What the operator does to be observed. A stack belongs to the first area of which it has a frame. */
    enum Area {
        Traces("io.opentelemetry.", "dev.taskqueue.operator.traces."),
        Log("ch.qos.logback.", "dev.taskqueue.operator.ops.AttemptLog", "dev.taskqueue.operator.ops.JsonLogEncoder"),
        Events("dev.taskqueue.operator.events.", "dev.taskqueue.operator.kube.EventRequests"),
        Metrics(
                "io.prometheus.",
                "dev.taskqueue.operator.ops.Meters",
                "dev.taskqueue.operator.ops.ApiMeters",
                "dev.taskqueue.operator.ops.QueueGauges",
                "dev.taskqueue.operator.ops.QueueSeries",
                "dev.taskqueue.operator.ops.NamedQueues",
                "dev.taskqueue.operator.ops.WaitingTasksGauge",
                "dev.taskqueue.operator.MeterSources",
                "dev.taskqueue.operator.CountedTokens");

        @SuppressWarnings("ImmutableEnumChecker") // it is made by List.of
        private final List<String> frames;

        Area(String... frames) {
            this.frames = List.of(frames);
        }

        private boolean owns(String type) {
            return frames.stream().anyMatch(type::startsWith);
        }
    }

    private final Map<Area, Integer> found = new EnumMap<>(Area.class);
    private int all;
    private int withoutStack;

    /** Reads a recording. */
    CpuSamples(Path recording) {
        try (var file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals(SAMPLE)) {
                    add(event);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(RecordedEvent event) {
        if (event.getStackTrace() == null) {
            withoutStack++;
            return;
        }
        all++;
        areaOf(event).ifPresent(area -> found.merge(area, 1, Integer::sum));
    }

    private static Optional<Area> areaOf(RecordedEvent event) {
        return event.getStackTrace().getFrames().stream()
                .map(frame -> frame.getMethod().getType().getName())
                .flatMap(type -> List.of(Area.values()).stream().filter(area -> area.owns(type)))
                .findFirst();
    }

    /** Samples of Java code whose stack is known. */
    int all() {
        return all;
    }

    int withoutStack() {
        return withoutStack;
    }

    /** The part of all samples that belongs to an area, in per cent. */
    double share(Area area) {
        return 100.0 * found.getOrDefault(area, 0) / Math.max(1, all);
    }
}
