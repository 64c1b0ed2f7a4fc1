package dev.taskqueue.operator.events;

import dev.taskqueue.operator.domain.ApiAnswerText;
import dev.taskqueue.operator.domain.FailureStreak;
import dev.taskqueue.operator.domain.Occurrence;
import dev.taskqueue.operator.domain.Occurrences;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.kube.EventWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what is reported as Events of Kubernetes, on the leader only. Reporting takes a short lock and nothing else. Each second {@link #flush} writes
 * some of it: at most {@value EventBudget#A_MINUTE} Events of a queue in a minute, {@value #AT_ONCE} of all queues in a second. The rest is counted. What the
 * API server refuses is dropped; a namespace that refuses is left alone for {@link #PAUSE}.
 */
public final class EventRecorder implements Occurrences {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final int AT_ONCE = 20;
    /** How much may wait to be written. */
    private static final int WAITING = 1_000;
    /** How many Events are remembered, so that a repetition is counted in them. */
    private static final int REMEMBERED = 1_000;

    /** The same that happens again within this time is the same Event. */
    private static final Duration SERIES = Duration.ofMinutes(10);

    private static final Duration PAUSE = Duration.ofMinutes(5);
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private final EventWriter writer;
    private final Fence fence;
    private final Clocks clocks;
    private final String instance;
    private final ReentrantLock flushing = new ReentrantLock();

    /** Its monitor guards it. */
    private final Queue<Occurrence> waiting = new ArrayDeque<>();
    /** The budgets of this minute. The monitor of {@code waiting} guards it. */
    private final Map<QueueId, EventBudget> budgets = new HashMap<>();

    private final Map<QueueId, String> uids = new ConcurrentHashMap<>();

    /** The rest belongs to the flush. */
    private final SequencedMap<SeriesKey, Series> series = new LinkedHashMap<>();

    private final Map<String, Long> pausedUntil = new HashMap<>();
    private final FailureStreak failures = new FailureStreak();

    private record SeriesKey(String uid, String reason) {}

    private static final class Series {
        final String name;
        int count = 1;
        long lastAt;

        Series(String name, long lastAt) {
            this.name = name;
            this.lastAt = lastAt;
        }
    }

    /** @param instance names this process */
    public EventRecorder(EventWriter writer, Fence fence, Clocks clocks, String instance) {
        this.writer = writer;
        this.fence = fence;
        this.clocks = clocks;
        this.instance = instance;
    }

    @Override
    public void report(Occurrence occurrence) {
        synchronized (waiting) {
            EventBudget budget = budgets.computeIfAbsent(occurrence.queue(), queue -> new EventBudget(clocks.nanos()));
            if (waiting.size() < WAITING && budget.take(occurrence.reason())) {
                waiting.add(occurrence);
            }
        }
    }

    @Override
    public void queueIs(QueueId queue, String uid) {
        uids.put(queue, uid);
    }

    @Override
    public void queueIsGone(QueueId queue) {
        uids.remove(queue);
    }

    /** Called about once a second. Requests may take long; no second flush begins meanwhile. */
    public void flush() {
        if (!flushing.tryLock()) {
            return;
        }
        try {
            List<Occurrence> next = next(clocks.nanos());
            if (fence.isOpen()) {
                next.forEach(this::write);
            }
        } finally {
            flushing.unlock();
        }
    }

    private List<Occurrence> next(long now) {
        var next = new ArrayList<Occurrence>();
        synchronized (waiting) {
            Collection<QueueId> over = budgets.entrySet().stream()
                    .filter(budget -> budget.getValue().isOver(now))
                    .map(Map.Entry::getKey)
                    .toList();
            for (QueueId queue : over) {
                EventBudget budget = budgets.remove(queue);
                Occurrence rest = budget == null ? null : rest(queue, budget.rest());
                if (rest != null && waiting.size() < WAITING) {
                    waiting.add(rest);
                }
            }
            while (next.size() < AT_ONCE && !waiting.isEmpty()) {
                next.add(waiting.remove());
            }
        }
        return next;
    }

    private @Nullable Occurrence rest(QueueId queue, Map<String, Integer> counts) {
        String uid = uids.get(queue);
        if (counts.isEmpty() || uid == null) {
            return null;
        }
        int all = counts.values().stream().mapToInt(count -> count).sum();
        String byReason = counts.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return new Occurrence(
                new Occurrence.Subject(Occurrence.Kind.TaskQueue, queue.namespace(), queue.name(), uid),
                queue,
                true,
                "MoreEvents",
                "Counted",
                "%d more within a minute, which have no Event of their own: %s.".formatted(all, byReason));
    }

    private void write(Occurrence occurrence) {
        String namespace = occurrence.subject().namespace();
        long now = clocks.nanos();
        Long paused = pausedUntil.get(namespace);
        if (paused != null && now - paused < 0) {
            return;
        }
        pausedUntil.remove(namespace);
        var key = new SeriesKey(occurrence.subject().uid(), occurrence.reason());
        Series before = series.get(key);
        boolean isRepeat = before != null
                && now - before.lastAt < SERIES.toNanos()
                && !occurrence.reason().equals("MoreEvents");
        if (before != null && isRepeat && repeat(namespace, before, now)) {
            return;
        }
        Instant at = clocks.instant();
        String name = EventObject.name(occurrence, at, now);
        String event = EventObject.create(occurrence, name, instance, at);
        if (answered(namespace, "create", codeOf(() -> writer.create(namespace, event)))) {
            series.remove(key);
            series.put(key, new Series(name, now));
            if (series.size() > REMEMBERED) {
                series.pollFirstEntry();
            }
        }
    }

    /** Returns false if the Event does not exist any more. */
    private boolean repeat(String namespace, Series known, long now) {
        known.count++;
        known.lastAt = now;
        String patch = EventObject.repeat(known.count, clocks.instant());
        int code = codeOf(() -> writer.patch(namespace, known.name, patch));
        if (code == NOT_FOUND) {
            return false;
        }
        answered(namespace, "patch", code);
        return true;
    }

    private interface Request {
        int send() throws IOException;
    }

    /** The status code of the answer; 0 if there is none. */
    private static int codeOf(Request request) {
        try {
            return request.send();
        } catch (IOException noAnswer) {
            return 0;
        }
    }

    private boolean answered(String namespace, String verb, int code) {
        long now = clocks.nanos();
        if (code / 100 == 2) {
            failures.ended(now);
            return true;
        }
        if (code == FORBIDDEN) {
            pausedUntil.put(namespace, now + PAUSE.toNanos());
        }
        String why = ApiAnswerText.of(code, verb, "events.events.k8s.io", namespace);
        failures.failed(why, now)
                .ifPresent(age -> LOG.warn("An Event was not written, and is dropped: {}{}", why, age));
        return false;
    }
}
