package dev.taskqueue.operator.oracle;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What all rules share: the model of the run so far, and the times that the settings allow. */
final class World {
    /** A deleted Task of which only this is remembered. */
    record Gone(String key, long deletedAt, @Nullable ProcessModel deletedBy) {}

    private record Later(long at, long number, Runnable task) implements Comparable<Later> {
        @Override
        public int compareTo(Later other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(number, other.number);
        }
    }

    /** What a real sender tells beyond this is not believed. */
    private static final long LONGEST_WAY = 15_000_000_000L;

    final OracleSettings settings;
    final Report report = new Report();
    final Faults faults = new Faults();
    final ClusterObjects objects = new ClusterObjects();
    final Processes processes;
    final Map<String, TaskModel> tasks = new HashMap<>();
    final Map<String, TaskModel> tasksByKey = new HashMap<>();
    final Map<String, QueueModel> queues = new HashMap<>();
    /** By uid. */
    final Map<String, BatchModel> batches = new LinkedHashMap<>();

    final Map<String, Gone> gone;
    final Map<Long, Request> openRequests = new HashMap<>();
    /** The Task was deleted meanwhile. Nobody waits for the answer, but until then the request takes a slot. */
    final Map<Long, Request> openRequestsOfDeleted = new HashMap<>();

    final List<Rules> rules = new ArrayList<>();
    final long clock;
    final long late;
    final long quiet;
    boolean forgotten;
    /** When a worker last got or answered a request of an item: its outcome may wait for others before it is written. */
    long itemSeenAt = Values.ALWAYS;
    /** Somebody set a wall clock. */
    boolean clocksSet;

    long now = Values.ALWAYS;
    /** When the write that is being stored was sent; {@link Values#NEVER} if that is not known. */
    long sentAt = Values.NEVER;

    private long begun = Values.ALWAYS;

    private final PriorityQueue<Later> later = new PriorityQueue<>();
    private long laterNumber;
    private final long wire;
    private final long slowWire;
    private final long write;
    final long slowest;
    private final long slowWrite;
    private long thawedAt = Values.ALWAYS;
    private long frozenFor;
    private final long notice;
    /** How long the request that is judged has been on its way, as its sender tells; 0 if that is not asked. */
    private long underWay;
    /** When its sender let it go, by its own clock; {@link Values#NEVER} if it does not tell. */
    private long letGoBySender = Values.NEVER;

    World(OracleSettings settings) {
        this.settings = settings;
        clock = settings.clock().toNanos();
        late = settings.late().toNanos();
        quiet = settings.quiet().toNanos();
        wire = settings.wire().toNanos() + late;
        slowWire = settings.slowWire().toNanos() + late;
        write = settings.write().toNanos() + late;
        slowWrite = settings.slowWrite().toNanos() + late;
        slowest = Math.max(slowWire, slowWrite);
        notice = settings.notice().toNanos() + late;
        processes = new Processes(this);
        gone = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Gone> eldest) {
                forgotten |= size() > settings.goneTasks();
                return size() > settings.goneTasks();
            }
        };
    }

    void each(Consumer<Rules> tell) {
        for (Rules each : rules) {
            tell.accept(each);
        }
    }

    /** How many items of existing batches of a queue have not ended. */
    long unfinishedItems(String queue) {
        long unfinished = 0;
        for (BatchModel batch : batches.values()) {
            if (batch.queue.equals(queue) && !batch.gone() && !batch.status.ended()) {
                unfinished += batch.total() - batch.status.count();
            }
        }
        return unfinished;
    }

    QueueModel queue(String key) {
        return queues.computeIfAbsent(key, QueueModel::new);
    }

    QueueModel queueOf(TaskModel task) {
        return queue(task.queue);
    }

    /** How long ago what arrives now at a worker may have been decided. */
    long wire(String namespace) {
        // What a process had decided before it froze may be on its way when it goes on.
        long frozen = now - thawedAt <= slowWire ? frozenFor : 0;
        return wireWithoutFreeze(namespace) + frozen;
    }

    /**
     * A request is judged. On a machine that is not free, a real sender may wait for a processor between its decision and the wire, for longer than threads were
     * seen to wait elsewhere. So may a sender without a network. The header tells the time of the decision.
     */
    void judge(Fact.Received fact, long dispatchDeadline, Runnable rules) {
        Instant clock = fact.senderTime();
        long until = Values.parseTime(fact.headers().getOrDefault("taskqueue-deadline", ""), Values.NEVER);
        letGoBySender = until == Values.NEVER ? Values.NEVER : until - dispatchDeadline;
        if (clock != null && until != Values.NEVER) {
            long way = Values.nanos(clock) - (until - dispatchDeadline);
            boolean isBelieved = late > 0 ? way <= LONGEST_WAY : faults.wasPartitioned(now - way);
            underWay = isBelieved ? Math.max(0, way) : 0;
        }
        rules.run();
        underWay = 0;
    }

    /** When its sender let the request go that is judged, by the sender's clock; {@link Values#NEVER} if its header does not tell. */
    long letGoBySender() {
        return letGoBySender;
    }

    /** When its sender let the request go that is judged, as its header tells, by the clock of the run. It may have waited for a connection since then. */
    long letGoAt(Request request) {
        return letGoBySender == Values.NEVER
                ? request.decidedAt
                : Math.min(request.decidedAt, letGoBySender - (request.latestWall - request.at));
    }

    /** The same for a process that was not frozen meanwhile. */
    long wireWithoutFreeze(String namespace) {
        return Math.max(disturbed(namespace, now - slowWire) ? slowWire : wire, underWay);
    }

    /** For how long a request may be on its way since its sender has compared its expiry with its clock: a simulated one does so as it leaves. */
    long wireAfterExpiryCheck(String namespace) {
        return late > 0 ? wire(namespace) : 0;
    }

    /** When a process last went on after it was frozen. */
    long thawedAt() {
        return thawedAt;
    }

    /** A process goes on after this time. */
    void thawed(long after) {
        frozenFor = now - after - thawedAt <= slowWire ? frozenFor + after : after;
        thawedAt = now;
    }

    /** How long ago what is stored now may have been decided. */
    long write(String namespace) {
        return disturbed(namespace, now - slowWrite) ? slowWrite : write;
    }

    /** Whether a fault that concerns a namespace was active at any time since then. */
    boolean disturbed(String namespace, long since) {
        return faults.lastIn(namespace, now) >= since;
    }

    /** Whether a process must know what others stored at a time: it had long enough without a fault to see it. */
    boolean mustKnow(ProcessModel process, String namespace, long since) {
        long from = Math.max(since, Math.max(faults.lastIn(namespace, now), process.thawedAt));
        return from == Values.ALWAYS || now - wire(namespace) - from >= notice;
    }

    long notice() {
        return notice;
    }

    /** Later than anything that was decided before now. */
    void later(long delay, Runnable task) {
        later.add(new Later(now + delay, laterNumber++, task));
    }

    void advance(long at) {
        while (!later.isEmpty() && later.peek().at < at) {
            Later next = later.poll();
            now = Math.max(now, next.at);
            next.task.run();
        }
        if (begun == Values.ALWAYS) {
            begun = at;
        }
        now = Math.max(now, at);
    }

    /** Everything that is still put off happens now. */
    void finish() {
        while (!later.isEmpty()) {
            later.poll().task.run();
        }
    }

    void violation(String rule, @Nullable TaskModel task, String text) {
        report.violation(now, rule, task, text);
    }

    /** When the run began. */
    long begun() {
        return begun;
    }

    /** How far the clock of a machine may have drifted from that of the run since the run began. */
    long drifted() {
        return (long) ((now - begun) * settings.drift());
    }

    String ago(long at) {
        return at == Values.ALWAYS || at == Values.NEVER ? "never" : seconds(now - at) + " ago";
    }

    static String seconds(long nanos) {
        return String.format("%.3f s", nanos / 1e9);
    }
}
