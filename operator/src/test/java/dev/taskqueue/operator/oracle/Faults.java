package dev.taskqueue.operator.oracle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The faults of a run: which last, and when one last did. */
final class Faults {
    private record Active(String name, String namespace) {}

    private final List<Active> active = new ArrayList<>();
    private final Map<String, Long> lastOf = new HashMap<>();
    private long last = Values.ALWAYS;
    private long lastForAll = Values.ALWAYS;
    private long lastRecovery = Values.ALWAYS;
    private int recoveries;
    private int count;
    private String first = "";
    /** When a process last was without a network. */
    private long lastPartition = Values.ALWAYS;

    void began(String name, String namespace, long at) {
        active.add(new Active(name, namespace));
        first = count++ == 0 ? name : first;
        lastPartition = isPartition(name) ? at : lastPartition;
        touch(namespace, at);
    }

    void ended(String name, long at) {
        for (Iterator<Active> each = active.iterator(); each.hasNext(); ) {
            Active fault = each.next();
            if (fault.name.equals(name)) {
                each.remove();
                lastPartition = isPartition(name) ? at : lastPartition;
                touch(fault.namespace, at);
                return;
            }
        }
    }

    private static boolean isPartition(String name) {
        return name.startsWith("Partition");
    }

    /** Whether a process was without a network at any time since then. Connections to workers that it wanted to open meanwhile are open afterwards. */
    boolean wasPartitioned(long since) {
        return lastPartition >= since || active.stream().anyMatch(fault -> isPartition(fault.name));
    }

    private void touch(String namespace, long at) {
        last = at;
        if (namespace.isEmpty()) {
            lastForAll = at;
        } else {
            lastOf.put(namespace, at);
        }
    }

    /** A process ended, was frozen or lost the Lease: that is no fault of the world, but everything needs to recover from it. */
    void recoveryFrom(long at) {
        last = Math.max(last, at);
        lastRecovery = at;
        recoveries++;
    }

    /** The first leader begins. */
    void led(long at) {
        last = Math.max(last, at);
        lastRecovery = at;
    }

    /** Whether the run has had one fault, of this kind, and one leader, who still leads. */
    boolean isOnly(String kind) {
        return count == 1 && active.isEmpty() && first.startsWith(kind) && recoveries == 0;
    }

    /** Whether no fault has concerned a namespace so far, and no process has ended or lost the Lease. */
    boolean isUndisturbed(String namespace) {
        return lastForAll == Values.ALWAYS && !lastOf.containsKey(namespace) && recoveries == 0;
    }

    /** When a namespace last had a reason to be late: a fault that concerns it, or the end of a process. */
    long lastReason(String namespace, long now) {
        return Math.max(lastIn(namespace, now), lastRecovery);
    }

    /** When a fault that concerns this namespace alone last was; now if one lasts. */
    long lastOnlyIn(String namespace, long now) {
        for (Active fault : active) {
            if (fault.namespace.equals(namespace)) {
                return now;
            }
        }
        return lastOf.getOrDefault(namespace, Values.ALWAYS);
    }

    boolean recovering(long since) {
        return lastRecovery >= since;
    }

    /** Whether a fault that concerns every namespace was active since then. */
    boolean forAll(long since) {
        return lastForAll >= since;
    }

    /** When a fault that concerns a namespace last was; now if one lasts. */
    long lastIn(String namespace, long now) {
        for (Active fault : active) {
            if (fault.namespace.isEmpty() || fault.namespace.equals(namespace)) {
                return now;
            }
        }
        return Math.max(lastForAll, lastOf.getOrDefault(namespace, Values.ALWAYS));
    }

    /** When a fault or the end of a process last was; now if a fault lasts. */
    long last(long now) {
        return active.isEmpty() ? last : now;
    }

    boolean any() {
        return !active.isEmpty();
    }

    /** The namespace that every fault that lasts concerns; empty if there is none or they concern more. */
    String onlyNamespace() {
        String only = "";
        for (Active fault : active) {
            if (fault.namespace.isEmpty() || (!only.isEmpty() && !only.equals(fault.namespace))) {
                return "";
            }
            only = fault.namespace;
        }
        return only;
    }
}
