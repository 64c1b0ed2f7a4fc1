package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operators' processes, and which of them leads by the Lease. */
final class Processes {
    /** Sends and writes of which nobody knows where they came from. */
    private static final String UNKNOWN = "";

    private final World world;
    private final Map<String, ProcessModel> processes = new LinkedHashMap<>();
    private @Nullable ProcessModel leader;

    Processes(World world) {
        this.world = world;
    }

    /** Null for people. */
    @Nullable ProcessModel writer(String by) {
        return by.equals("people") ? null : get(by);
    }

    ProcessModel get(String name) {
        return processes.computeIfAbsent(name, key -> new ProcessModel(key, world.now));
    }

    Iterable<ProcessModel> all() {
        return processes.values();
    }

    boolean unknown(ProcessModel process) {
        return process.name.equals(UNKNOWN);
    }

    boolean election() {
        return !world.settings.leaseName().isEmpty();
    }

    /** The earliest and the latest that the sender's wall clock can have shown; that of any process if nobody knows who it was. */
    long[] wall(ProcessModel sender, @Nullable Instant known, long before) {
        long[] wall = sender.wall(world.now, known, before);
        if (unknown(sender) && known == null) {
            for (ProcessModel each : processes.values()) {
                long[] other = each.wall(world.now, null, before);
                wall[0] = Math.min(wall[0], other[0]);
                wall[1] = Math.max(wall[1], other[1]);
            }
        }
        return wall;
    }

    /** Since when the process leads that sent something; of an unknown one, the present leader. */
    long ledSince(ProcessModel sender) {
        ProcessModel present = leader;
        return unknown(sender) ? present == null ? Values.NEVER : present.ledSince : sender.ledSince;
    }

    /** Whether the process that sent something has ended or lost the Lease; of an unknown one, whether any has since then. */
    boolean mayBeLost(ProcessModel sender, long since) {
        if (!unknown(sender)) {
            return isLost(sender);
        }
        return processes.values().stream()
                .anyMatch(each ->
                        isLost(each) && Math.max(known(each.endedAt), known(each.lostAt)) >= since - world.late);
    }

    private static boolean isLost(ProcessModel process) {
        return !process.lives() || process.lostAt != Values.NEVER;
    }

    private static long known(long at) {
        return at == Values.NEVER ? Long.MIN_VALUE : at;
    }

    void started(Fact.Started fact) {
        processes.put(fact.process(), new ProcessModel(fact.process(), world.now));
        if (!election()) {
            get(fact.process()).ledSince = world.now;
        }
    }

    void ended(Fact.Ended fact) {
        ProcessModel process = get(fact.process());
        process.endedAt = world.now;
        world.faults.recoveryFrom(world.now);
        world.report.count("ended:" + fact.how());
        lost(process);
    }

    private void lost(ProcessModel process) {
        world.each(rules -> rules.lost(process));
    }

    void lease(Fact.Stored fact) {
        JsonNode metadata = fact.object().path("metadata");
        if (!text(metadata, "name").equals(world.settings.leaseName())) {
            return;
        }
        String holder =
                fact.change() == Fact.Change.Deleted ? "" : text(fact.object().path("spec"), "holderIdentity");
        ProcessModel writer = writer(fact.by());
        if (writer != null && unknown(writer)) {
            writer = byIdentity(holder);
        }
        if (writer == null) {
            // People took it away or deleted it.
            world.faults.recoveryFrom(world.now);
            if (leader != null) {
                leader.isDeprived = true;
            }
        } else if (holder.isEmpty()) {
            releasedBy(writer);
        } else {
            if (writer.identity.isEmpty()) {
                writer.identity = holder;
            }
            if (writer.identity.equals(holder)) {
                held(writer);
            }
        }
    }

    /** Who wrote itself into the Lease and got no answer. */
    private @Nullable ProcessModel byIdentity(String holder) {
        for (ProcessModel process : processes.values()) {
            if (!holder.isEmpty() && process.identity.equals(holder)) {
                return process;
            }
        }
        return null;
    }

    private void releasedBy(ProcessModel writer) {
        if (leader == writer) {
            writer.lostAt = world.now;
            writer.releasedAt = world.now;
            leader = null;
            lost(writer);
        }
    }

    private void held(ProcessModel process) {
        process.renewedAt = world.now;
        process.isDeprived = false;
        if (leader == process) {
            return;
        }
        ProcessModel former = leader;
        leader = process;
        process.ledSince = world.now;
        process.lostAt = Values.NEVER;
        world.report.count("leaders");
        if (former == null) {
            world.faults.led(world.now);
        } else {
            world.faults.recoveryFrom(world.now);
        }
        if (former != null) {
            long until = former.isDeprived
                    ? Values.plus(former.renewedAt, world.settings.lease().toNanos())
                    : world.now;
            former.lostAt = Math.min(former.lostAt, Math.max(world.now, until));
            lost(former);
        }
    }

    @Nullable ProcessModel leader() {
        return leader;
    }
}
