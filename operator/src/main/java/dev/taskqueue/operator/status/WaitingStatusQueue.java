package dev.taskqueue.operator.status;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.write.TaskWriteContext;
import dev.taskqueue.operator.write.WriteResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Tasks whose waiting state is to be written, each at most once. Claims come first, then the namespaces take turns. A namespace whose writes fail
 * rests for a growing pause. The monitor guards everything, and nothing else is called under it: the caller of {@link #note} may hold the lock of a
 * lane.
 */
final class WaitingStatusQueue {
    /** While outcomes are written, one waiting state is written after this number of polls. */
    static final int POLLS_UNDER_LOAD = 10;

    private static final Duration MIN_AGE = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(20);
    /** The pause after the first failure. */
    private static final Duration FIRST_REST = Duration.ofSeconds(1);

    private static final Duration LONGEST_REST = Duration.ofSeconds(30);
    /** Up to this number of Tasks in line, the queue is not searched for those that need no write any more. */
    private static final int MIN_SWEEP_SIZE = 1024;

    private final TaskWriteContext context;
    private final Sleeper sleeper;
    /** Wakes the thread that waits in {@link #await}. */
    private final Semaphore news = new Semaphore(0);
    /** The time at which each noted Task is old enough, in the order of the notes. */
    private final LinkedHashMap<TaskId, Long> noted = new LinkedHashMap<>();

    private final Map<String, Namespace> namespaces = new LinkedHashMap<>();
    private int writing;
    private int polls;
    private int sweepAt = MIN_SWEEP_SIZE;

    /** The Task to write next. */
    record Next(TaskId task, boolean claim) {}

    /** The Tasks of one namespace that are old enough. */
    private static final class Namespace {
        final LinkedHashSet<TaskId> claims = new LinkedHashSet<>();
        final LinkedHashSet<TaskId> waiting = new LinkedHashSet<>();
        int claimsInFlight;
        boolean isWriting;
        /** Null while its writes succeed. */
        @Nullable Backoff backoff;

        long restsUntil;

        boolean isEmpty() {
            return claims.isEmpty() && waiting.isEmpty() && claimsInFlight == 0 && !isWriting && backoff == null;
        }

        boolean isResting(long now) {
            return backoff != null && restsUntil - now > 0;
        }
    }

    WaitingStatusQueue(TaskWriteContext context, Sleeper sleeper) {
        this.context = context;
        this.sleeper = sleeper;
    }

    synchronized void note(TaskId task) {
        noted.putIfAbsent(task, nanos() + MIN_AGE.toNanos());
        if (noted.size() == 1) {
            news.release();
        }
    }

    synchronized int size() {
        return noted.size() + readyCount();
    }

    /** Takes out the noted Tasks that are old enough. The caller adds those whose state is not in status yet. */
    synchronized List<TaskId> takeDue() {
        long now = nanos();
        List<TaskId> due = List.of();
        for (Iterator<Map.Entry<TaskId, Long>> entries = noted.entrySet().iterator(); entries.hasNext(); ) {
            var entry = entries.next();
            if (entry.getValue() - now > 0) {
                break;
            }
            if (due.isEmpty()) {
                due = new ArrayList<>();
            }
            due.add(entry.getKey());
            entries.remove();
        }
        return due;
    }

    /** Puts a Task in line. */
    synchronized void add(TaskId task, boolean claim) {
        Namespace namespace = namespaces.computeIfAbsent(task.namespace(), none -> new Namespace());
        (claim ? namespace.waiting : namespace.claims).remove(task);
        (claim ? namespace.claims : namespace.waiting).add(task);
    }

    /** All Tasks in line, if there are twice as many as after the last {@link #drop}; otherwise none. The caller drops those that need no write any
     * more. */
    synchronized List<TaskId> sweepCandidates() {
        return readyCount() < sweepAt
                ? List.of()
                : namespaces.values().stream()
                        .flatMap(namespace -> Stream.concat(namespace.claims.stream(), namespace.waiting.stream()))
                        .toList();
    }

    synchronized void drop(List<TaskId> old) {
        for (TaskId task : old) {
            Namespace namespace = namespaces.get(task.namespace());
            if (namespace != null) {
                namespace.claims.remove(task);
                namespace.waiting.remove(task);
            }
        }
        sweepAt = Math.max(MIN_SWEEP_SIZE, 2 * readyCount());
    }

    /** Notes the result of a write. A Task whose write failed stays in line. */
    synchronized void done(Next next, WriteResult result) {
        Namespace namespace = namespaces.get(next.task().namespace());
        if (namespace == null) {
            return;
        }
        if (next.claim()) {
            namespace.claimsInFlight--;
        } else {
            namespace.isWriting = false;
            writing--;
        }
        switch (result) {
            case WriteResult.RetryLater later -> {
                (next.claim() ? namespace.claims : namespace.waiting).add(next.task());
                rest(namespace, later.atLeast());
            }
            // The Task is noted again and waits for a second, so that a lasting conflict is not repeated at full rate.
            case WriteResult.Conflict _ -> noted.putIfAbsent(next.task(), nanos() + MIN_AGE.toNanos());
            case WriteResult.Refused _ -> rest(namespace, Duration.ZERO);
            case WriteResult.Written _ -> namespace.backoff = null;
            case WriteResult.NotNeeded _, WriteResult.Fenced _ -> {}
        }
        news.release();
    }

    private void rest(Namespace namespace, Duration atLeast) {
        if (namespace.backoff == null) {
            namespace.backoff = new Backoff(FIRST_REST, LONGEST_REST);
        } else if (namespace.isResting(nanos())) {
            // Several writes were in flight and failed together: they count as one.
            return;
        }
        namespace.restsUntil = nanos() + namespace.backoff.next(atLeast).toNanos();
    }

    private int readyCount() {
        return namespaces.values().stream()
                .mapToInt(namespace -> namespace.claims.size() + namespace.waiting.size())
                .sum();
    }

    /** Takes the next Task, which is being written until {@link #done}; null if none may be written now. */
    synchronized @Nullable Next next() {
        long now = nanos();
        namespaces.values().removeIf(Namespace::isEmpty);
        for (Namespace namespace : namespaces.values()) {
            TaskId claim = namespace.isResting(now) || (namespace.backoff != null && namespace.claimsInFlight > 0)
                    ? null
                    : first(namespace.claims);
            if (claim != null) {
                namespace.claimsInFlight++;
                return new Next(claim, true);
            }
        }
        return mayWriteWaiting() ? nextWaiting(now) : null;
    }

    private @Nullable Next nextWaiting(long now) {
        for (var entry : namespaces.entrySet()) {
            Namespace namespace = entry.getValue();
            TaskId task = namespace.isWriting || namespace.isResting(now) ? null : first(namespace.waiting);
            if (task != null) {
                namespace.isWriting = true;
                writing++;
                // The namespace goes to the end: the namespaces take turns.
                namespaces.remove(entry.getKey());
                namespaces.put(entry.getKey(), namespace);
                return new Next(task, false);
            }
        }
        return null;
    }

    private boolean mayWriteWaiting() {
        return polls >= POLLS_UNDER_LOAD || (writing == 0 && context.slots().isIdle());
    }

    private static @Nullable TaskId first(SequencedSet<TaskId> line) {
        return line.isEmpty() ? null : line.removeFirst();
    }

    /** The write of the Task that {@link #next} returned begins. */
    synchronized void writeStarted() {
        polls = 0;
    }

    /** Waits until there may be more to do. */
    void await() throws InterruptedException {
        Duration wait = longestWait();
        if (wait == null) {
            news.acquire();
        } else {
            sleeper.acquire(news, wait);
        }
        news.drainPermits();
    }

    /** How long to wait without news; null = for ever. */
    private synchronized @Nullable Duration longestWait() {
        if (!namespaces.isEmpty()) {
            polls++;
            return POLL;
        }
        if (noted.isEmpty()) {
            return null;
        }
        // Under load the notes get old enough one by one: those within one poll are handled together.
        return Duration.ofNanos(Math.max(noted.firstEntry().getValue() - nanos(), POLL.toNanos()));
    }

    private long nanos() {
        return context.retries().nanos();
    }
}
