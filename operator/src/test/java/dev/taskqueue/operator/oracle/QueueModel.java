package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.number;
import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A TaskQueue: each spec that may be in force, whether it is paused for certain, and its orders. It stays when the object is deleted. */
final class QueueModel {
    private static final int VERSIONS = 32;
    /** The generation of each spec of a deleted queue. */
    private static final long FORMER = 0;

    /** A spec; another one was acknowledged at {@code supersededAt}. */
    static final class Version {
        long generation;
        final QueueSpec spec;
        long supersededAt = Values.NEVER;

        Version(long generation, QueueSpec spec) {
            this.generation = generation;
            this.spec = spec;
        }
    }

    /** A value of the annotation {@code redrive} on the queue. */
    static final class Order {
        final String value;
        final long setAt;
        /** As the status says it. */
        long startTime = Values.ALWAYS;

        long completedAt = Values.NEVER;
        /** Whether it was on a queue of this name that was deleted. */
        boolean isFormer;

        Order(String value, long setAt) {
            this.value = value;
            this.setAt = setAt;
        }
    }

    final String key;
    final String namespace;
    final String name;
    String uid = "";
    boolean exists;
    long createdAt = Values.NEVER;
    long deletedAt = Values.NEVER;
    final List<Version> versions = new ArrayList<>();
    /** All that this name has had. */
    private final List<Order> orders = new ArrayList<>();

    long observedGeneration;
    /** When an operator first wrote the status of this object. */
    long servedSince = Values.NEVER;

    /** An operator may carry out the orders of the deleted queue until it knows this one. */
    private long formerOrdersUntil = Values.NEVER;

    String state = "";
    String readyReason = "";
    double enforced = Double.NaN;
    /** Whether its last write kept the statistics of the one before. */
    boolean keptStats;

    private @Nullable JsonNode stats;
    String purgeValue = "";
    /** When an operator wrote that down: only then the purge acts. */
    long purgeToldAt = Values.ALWAYS;

    long purgeCutoff = Values.ALWAYS;
    long purgeCompleted = Values.ALWAYS;
    String redriveValue = "";
    long redriveCompleted = Values.ALWAYS;

    /** Since when an acknowledged pause is in force; {@link Values#NEVER} if none is. */
    long pausedSince = Values.NEVER;
    /** When the pause ends by itself, by the wall clock. */
    long holdUntil = Values.NEVER;

    private boolean held;
    private long wishedAt = Values.NEVER;
    private long wishGeneration;
    private String stateAtWish = "";
    private @Nullable String redrive;

    /** When people changed it last. */
    long changedAt = Values.ALWAYS;

    /** When a Task of it changed last. */
    long tasksChangedAt = Values.ALWAYS;

    /** What its status says; -1 if it says nothing. */
    int statsTasks = -1;

    int statsFailed;
    /** How many wait for their time, and of how many their hour or "later" is told; the same number, or the status is wrong. */
    int statsAhead;

    int statsByHour;
    long lastDispatch = Values.ALWAYS;
    /** How many finished Tasks of this queue exist. */
    long succeededKept;

    long failedKept;

    QueueModel(String key) {
        this.key = key;
        namespace = key.substring(0, key.indexOf('/'));
        name = key.substring(key.indexOf('/') + 1);
    }

    void stored(JsonNode object, boolean byOperator, long at, long notice, long quiet) {
        JsonNode metadata = object.path("metadata");
        if (!text(metadata, "uid").equals(uid)) {
            uid = text(metadata, "uid");
            createdAt = at;
            servedSince = Values.NEVER;
            // An operator may act by the queue of that name that was deleted, until it has seen this one.
            versions.forEach(version -> version.generation = FORMER);
            pausedSince = Values.NEVER;
            wishedAt = Values.NEVER;
            orders.forEach(order -> order.isFormer = true);
            formerOrdersUntil = Values.NEVER;
            redrive = null;
        }
        exists = true;
        deletedAt = Values.NEVER;
        spec(object, metadata.path("generation").asLong(1));
        annotations(child(metadata, "annotations"), at);
        status(child(object, "status"), at);
        if (servedSince != Values.NEVER) {
            // To redrive all that have failed takes its time.
            formerOrdersUntil = Values.plus(servedSince, quiet);
        }
        pause(byOperator, metadata.path("generation").asLong(1), at, notice);
    }

    private void spec(JsonNode object, long generation) {
        Version last = versions.isEmpty() ? null : versions.getLast();
        if (last == null || last.generation != generation || last.supersededAt != Values.NEVER) {
            if (versions.size() >= VERSIONS) {
                versions.removeFirst();
            }
            versions.add(new Version(generation, QueueSpec.of(child(object, "spec"))));
        }
    }

    private void annotations(@Nullable JsonNode annotations, long at) {
        held = annotations != null && annotations.has(Annotations.HOLD);
        holdUntil = Values.time(annotations, Annotations.HOLD_UNTIL, Values.NEVER);
        String value = Annotations.noted(annotations, Annotations.REDRIVE);
        if (value != null && !value.equals(redrive)) {
            orders.add(new Order(value, at));
        }
        redrive = value;
    }

    private void status(@Nullable JsonNode status, long at) {
        state = text(status, "state");
        JsonNode before = stats;
        stats = child(status, "stats");
        keptStats = stats != null && stats.equals(before);
        enforced = Values.quantity(stats, "enforcedDispatchesPerSecond", Double.NaN);
        statsTasks = number(stats, "tasks", -1);
        statsFailed = number(stats, "failedRetained", 0);
        statsAhead = number(stats, "scheduled", 0) + number(stats, "backingOff", 0);
        statsByHour = number(stats, "dueLater", 0);
        JsonNode byHour = child(stats, "dueByHour");
        if (byHour != null) {
            byHour.forEach(hour -> statsByHour += hour.asInt());
        }
        JsonNode purge = child(status, "purge");
        purgeToldAt = purgeValue.equals(text(purge, "value")) ? purgeToldAt : at;
        purgeValue = text(purge, "value");
        purgeCutoff = Values.time(purge, "cutoffTime", Values.ALWAYS);
        purgeCompleted = Values.time(purge, "completionTime", Values.ALWAYS);
        JsonNode redriven = child(status, "redrive");
        redriveValue = text(redriven, "value");
        redriveCompleted = Values.time(redriven, "completionTime", Values.ALWAYS);
        for (Order order : orders) {
            if (!order.isFormer && order.value.equals(redriveValue) && order.completedAt == Values.NEVER) {
                order.startTime = Values.time(redriven, "startTime", Values.ALWAYS);
                order.completedAt = redriveCompleted == Values.ALWAYS ? Values.NEVER : at;
            }
        }
        if (!state.isEmpty()) {
            servedSince = Math.min(servedSince, at);
        }
        long observed = status == null ? 0 : status.path("observedGeneration").asLong(0);
        if (observed > observedGeneration) {
            versions.forEach(version -> {
                if (version.generation < observed) {
                    version.supersededAt = Math.min(version.supersededAt, at);
                }
            });
        }
        observedGeneration = observed;
    }

    /** A pause is wished by the spec or a hold. It is in force once a status shows that the operator knows of it. */
    private void pause(boolean byOperator, long generation, long at, long notice) {
        boolean bySpec = latest().paused();
        if (!bySpec && !held) {
            wishedAt = Values.NEVER;
            pausedSince = Values.NEVER;
            return;
        }
        if (wishedAt == Values.NEVER) {
            wishedAt = at;
            wishGeneration = generation;
            stateAtWish = state;
        }
        boolean shown = state.equals("Paused") || state.equals("Held");
        if (pausedSince != Values.NEVER || !byOperator || !shown) {
            return;
        }
        // A status from before may say Held because of an earlier hold whose end the operator has not seen.
        boolean known = (bySpec && observedGeneration >= wishGeneration)
                || (held && (!state.equals(stateAtWish) || at - wishedAt >= notice));
        if (known) {
            pausedSince = at;
        }
    }

    void deleted(long at) {
        exists = false;
        deletedAt = at;
        pausedSince = Values.NEVER;
        wishedAt = Values.NEVER;
    }

    QueueSpec latest() {
        return versions.isEmpty() ? QueueSpec.of(null) : versions.getLast().spec;
    }

    /** Each spec that may have been in force at some time since then. */
    List<QueueSpec> since(long time) {
        if (versions.size() == 1) {
            return List.of(versions.getFirst().spec);
        }
        List<QueueSpec> found = new ArrayList<>(versions.size());
        for (Version version : versions) {
            if (version.supersededAt >= time) {
                found.add(version.spec);
            }
        }
        return found.isEmpty() ? List.of(latest()) : found;
    }

    /** The largest burst of the deleted queues of this name that may have been in force since then; 0 if there is none. */
    int formerBurst(long time) {
        return versions.stream()
                .filter(version -> version.generation == FORMER && version.supersededAt >= time)
                .mapToInt(version -> version.spec.limits().burst())
                .max()
                .orElse(0);
    }

    /** The orders of this object, not those of deleted ones. */
    List<Order> ownOrders() {
        return orders.stream().filter(order -> !order.isFormer).toList();
    }

    /** Whether somebody wishes a pause, acknowledged or not. */
    boolean pauseWished() {
        return wishedAt != Values.NEVER;
    }

    /**
     * The orders that a process may have acted on at a time: also those of the queue of this name that was deleted, until it knows this one.
     *
     * @param decided the earliest time at which it can have decided; its write may have waited since
     */
    Stream<Order> ordersAt(long decided) {
        return orders.stream().filter(order -> !order.isFormer || decided <= formerOrdersUntil);
    }

    /**
     * The order to redrive that may start a Failed Task again: one that had not ended when the Task failed, or that began after the time at which the
     * Task failed by its status. -1 if there is none.
     */
    int orderFor(TaskModel task, int used, long decided) {
        return ordersAt(decided)
                .filter(order -> order.completedAt >= task.endedAt || task.status.completed() <= order.startTime)
                .mapToInt(orders::indexOf)
                .filter(index -> index >= used)
                .findFirst()
                .orElse(-1);
    }
}
