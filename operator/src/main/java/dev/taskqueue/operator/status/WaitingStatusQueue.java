package dev.taskqueue.operator.status;

import dev.taskqueue.operator.domain.Backoff;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The Tasks whose waiting state is to be written, each at most once, and which is next: claims first, then the namespaces by turns. A
 * namespace whose writes fail rests for a pause that grows. Its monitor guards it, and calls nobody: who notes a Task may hold a lane's lock.
 */
final class WaitingStatusQueue {
    /** Under load, one poll in so many lets a write through. */
    static final int POLLS_UNDER_LOAD = 10;

    private static final Duration MIN_AGE = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(20);
    /** After a failure. */
    private static final Duration FIRST_REST = Duration.ofSeconds(1);

    private static final Duration LONGEST_REST = Duration.ofSeconds(30);
    /** Up to so many Tasks in line nobody looks for those that are gone. */
    private static final int MIN_SWEEP_SIZE = 1024;

    private final TaskWriteContext context;
    /** When each is old enough, in the order of their coming. */
    private final LinkedHashMap<TaskId, Long> noted = new LinkedHashMap<>();

    private final Map<String, Namespace> namespaces = new LinkedHashMap<>();
    private int writing;
    private int polls;
    private int sweepAt = MIN_SWEEP_SIZE;

    /** What is to be written next. */
    record Next(TaskId task, boolean claim) {}

    /** Those of one namespace whose time has come. */
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

    WaitingStatusQueue(TaskWriteContext context) {
        this.context = context;
    }

    synchronized void note(TaskId task) {
        noted.putIfAbsent(task, nanos() + MIN_AGE.toNanos());
        if (noted.size() == 1) {
            notifyAll();
        }
    }

    synchronized int size() {
        return noted.size() + readyCount();
    }

    /** Takes out those that are old enough; those that are news are to be added. */
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

    /** From now on this Task is in line. */
    synchronized void add(TaskId task, boolean claim) {
        Namespace namespace = namespaces.computeIfAbsent(task.namespace(), none -> new Namespace());
        (claim ? namespace.waiting : namespace.claims).remove(task);
        (claim ? namespace.claims : namespace.waiting).add(task);
    }

    /** All in line, once there are twice as many as after the last {@link #drop}: those that are no news any more are to be dropped. */
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

    /** It was written, or not. What did not succeed stays in line. */
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
            // The next look is after a second, so that a conflict that lasts is not repeated at full rate.
            case WriteResult.Conflict _ -> noted.putIfAbsent(next.task(), nanos() + MIN_AGE.toNanos());
            case WriteResult.Refused _ -> rest(namespace, Duration.ZERO);
            case WriteResult.Written _ -> namespace.backoff = null;
            case WriteResult.NotNeeded _, WriteResult.Fenced _ -> {}
        }
        notifyAll();
    }

    private void rest(Namespace namespace, Duration atLeast) {
        if (namespace.backoff == null) {
            namespace.backoff = new Backoff(FIRST_REST, LONGEST_REST);
        } else if (namespace.isResting(nanos())) {
            // Others failed together with this one.
            return;
        }
        namespace.restsUntil = nanos() + namespace.backoff.next(atLeast).toNanos();
    }

    private int readyCount() {
        return namespaces.values().stream()
                .mapToInt(namespace -> namespace.claims.size() + namespace.waiting.size())
                .sum();
    }

    /** The next one, which is under way until {@link #done}; null where none may be written now. */
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
                // To the end: the namespaces go by turns.
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

    /** What {@link #next} gave is being written. */
    synchronized void writeStarted() {
        polls = 0;
    }

    /** Waits until there may be more to do. */
    synchronized void await() throws InterruptedException {
        while (namespaces.isEmpty() && noted.isEmpty()) {
            wait();
        }
        if (!namespaces.isEmpty()) {
            polls++;
            TimeUnit.NANOSECONDS.timedWait(this, POLL.toNanos());
        } else {
            long due = noted.firstEntry().getValue() - nanos();
            // Under load notes fall due one by one: those of one poll are looked at together.
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(due, POLL.toNanos()));
        }
    }

    private long nanos() {
        return context.retries().nanos();
    }
}
