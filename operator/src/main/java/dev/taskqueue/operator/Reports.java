package dev.taskqueue.operator;

import dev.taskqueue.operator.dispatch.DeliveryHeaders;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.engine.Listener;
import dev.taskqueue.operator.engine.Listeners;
import dev.taskqueue.operator.events.EventRecorder;
import dev.taskqueue.operator.events.TaskEvents;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.EventRequests;
import dev.taskqueue.operator.ops.AttemptLog;
import dev.taskqueue.operator.ops.Config;
import dev.taskqueue.operator.traces.AttemptSpans;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the operator says of its work besides status and metrics: lines about attempts, Events and spans, as the settings ask for them. */
final class Reports implements AutoCloseable {
    private final List<Listener> listeners = new ArrayList<>(List.of(new AttemptLog()));
    private final DeliveryHeaders headers;
    private final @Nullable EventRecorder events;
    /** Ends the spans. */
    private final Runnable spansEnd;

    /**
     * What the settings ask for.
     *
     * @param holder names this process in Events
     */
    Reports(Config config, ApiClient api, Fence fence, Clocks clock, String holder) {
        headers = new DeliveryHeaders(Version.current(), config.hasTraces());
        if (config.events()) {
            events = new EventRecorder(new EventRequests(api), fence, clock, holder);
            listeners.add(new TaskEvents(events));
        } else {
            events = null;
        }
        spansEnd = config.hasTraces() ? addSpans(config, clock) : () -> {};
    }

    /** The library is loaded here, and so only if it is used. */
    private Runnable addSpans(Config config, Clocks clock) {
        var spans =
                new AttemptSpans(config.tracesEndpoint(), config.tracesFolder(), Version.current(), clock.monotonic());
        listeners.add(spans);
        return spans::close;
    }

    Occurrences occurrences() {
        return events == null ? Occurrences.DROPPED : events;
    }

    /** These listeners and those that report attempts and ends. */
    Listener with(Listener... others) {
        return new Listeners(
                Stream.concat(Stream.of(others), listeners.stream()).toList());
    }

    /** The headers of requests, which name the spans if there are any. */
    DeliveryHeaders headers() {
        return headers;
    }

    /** Called about once a second: writes Events. */
    void tick() {
        if (events != null) {
            events.flush();
        }
    }

    /** Sends the spans that wait. Events that wait are dropped. */
    @Override
    public void close() {
        spansEnd.run();
    }
}
