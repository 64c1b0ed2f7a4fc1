package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.TaskId;
import java.time.Duration;
import java.util.ArrayList;

/**
 * Brings what the watch tells to the records of the Tasks. On the leader, what is known of a Task is newer than its object, so only changes by
 * others are applied. An object written before this process became leader is newer than what is known, so it is taken in from scratch.
 */
final class Intake implements TaskReflector.Sink {
    private static final long NOT_YET = Long.MAX_VALUE;

    private final Cluster cluster;
    private final TaskOffers offers;
    private final TaskActions actions;
    private final Duration grace;
    /** What was written up to this resourceVersion was written before this process led. */
    private volatile long leadsSince;

    /**
     * An intake that leads from the start, or only once it is told so.
     *
     * @param grace how long an earlier process may still write outcomes of what it has claimed
     */
    Intake(Cluster cluster, TaskOffers offers, TaskActions actions, Duration grace, boolean alone) {
        this.cluster = cluster;
        this.offers = offers;
        this.actions = actions;
        this.grace = grace;
        this.leadsSince = alone ? 0 : NOT_YET;
        if (alone) {
            expectClaims();
            actions.lead();
        }
    }

    @Override
    public void seen(JsonNode json, int listing) {
        TaskRecord record = record(json);
        record.listing = listing;
        long version = TaskReader.resourceVersion(json);
        // Most that the watch tells are this process's own writes: no need to read those.
        if (version > record.resourceVersion()) {
            TaskMessage.Era era = version > leadsSince ? TaskMessage.Era.OWN : TaskMessage.Era.FORMER;
            record.tell(new TaskMessage.Seen(TaskReader.read(json), era));
        }
    }

    /** This process is about to lead. What others have claimed and not concluded comes next, by {@link #adopt}. */
    void expectClaims() {
        offers.endClaimsAt(cluster.wall().instant().plus(grace));
    }

    /** A Task that the former leader has claimed: it counts as in flight, for as long as that one may write its outcome. */
    void adopt(JsonNode json) {
        record(json).tell(new TaskMessage.Adopted(TaskReader.read(json)));
    }

    /** From this resourceVersion on, what happens to a Task that is known happens by this process. */
    void lead(long version) {
        leadsSince = version;
        actions.lead();
    }

    /** Whether the object as it was read is as it is known; if not, it is taken in anew. */
    boolean isKnown(JsonNode json) {
        TaskRecord known = cluster.tasks().get(TaskReader.id(json));
        if (known != null && TaskReader.resourceVersion(json) > known.resourceVersion()) {
            known.tell(new TaskMessage.Seen(TaskReader.read(json), TaskMessage.Era.FORMER));
            return false;
        }
        return known != null;
    }

    private TaskRecord record(JsonNode json) {
        TaskId id = TaskReader.id(json);
        TaskRecord known = cluster.tasks().get(id);
        return known != null ? known : cluster.tasks().put(TaskRecord.unseen(TaskReader.read(json)));
    }

    @Override
    public void deleted(JsonNode json) {
        cluster.tasks().remove(TaskReader.id(json));
    }

    @Override
    public void listed(String namespace, int listing) {
        var missed = new ArrayList<TaskId>();
        cluster.tasks().forEach(record -> {
            if (record.listing != listing && (namespace.isEmpty() || namespace.equals(record.id.namespace()))) {
                missed.add(record.id);
            }
        });
        missed.forEach(cluster.tasks()::remove);
    }
}
