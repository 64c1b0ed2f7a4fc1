package dev.taskqueue.operator.oracle;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An operator's process, as seen from outside. */
final class ProcessModel {
    final String name;
    long startedAt;
    long endedAt = Values.NEVER;
    long stoppingAt = Values.NEVER;
    long frozenAt = Values.NEVER;
    long thawedAt = Values.ALWAYS;

    /** Its name in the Lease; empty until it has written one. */
    String identity = "";
    /** When it became the leader; {@link Values#NEVER} if it never did. */
    long ledSince = Values.NEVER;
    /** When its last renewal was stored. */
    long renewedAt = Values.ALWAYS;
    /** When another process took the Lease, or this one gave it back. If people had deleted it, the end of its own time, up to which it need not know. */
    long lostAt = Values.NEVER;

    /** Whether people deleted the Lease that it holds, or wrote another name into it. */
    boolean isDeprived;

    /** When it gave the Lease back itself. */
    long releasedAt = Values.NEVER;

    private record ClockStep(long at, long shown) {}

    private final List<ClockStep> clockSteps = new ArrayList<>();
    private long offset;
    private long formerOffset;
    private long offsetSetAt = Values.ALWAYS;

    ProcessModel(String name, long startedAt) {
        this.name = name;
        this.startedAt = startedAt;
    }

    boolean lives() {
        return endedAt == Values.NEVER;
    }

    /** It got SIGTERM. Only the first one counts. */
    void stops(long at) {
        stoppingAt = Math.min(stoppingAt, at);
    }

    void setOffset(long offset, long at) {
        clockSteps.add(new ClockStep(at, at + this.offset));
        formerOffset = this.offset;
        this.offset = offset;
        offsetSetAt = at;
    }

    /** Whether its wall clock showed a time before somebody set it, at any time since then. */
    boolean hadShown(long wall, long since) {
        return clockSteps.stream().anyMatch(step -> step.at >= since && step.shown >= wall);
    }

    /** By how much its wall clock has been ahead at most since it started. By then it has converted what it found. */
    long mostAhead() {
        return clockSteps.stream()
                .filter(step -> step.at > startedAt)
                .mapToLong(step -> step.shown - step.at)
                .reduce(offset, Math::max);
    }

    /** The wall clock at a time: the earliest and the latest that it can have been when something was decided, up to {@code before} earlier. */
    long[] wall(long at, @Nullable Instant known, long before) {
        long wall = known == null ? at + offset : Values.nanos(known);
        long former = offsetSetAt >= at - before ? wall - offset + formerOffset : wall;
        return new long[] {Math.min(wall, former), Math.max(wall, former)};
    }

    /**
     * Why it may not send anything that was decided at a time; empty if it may.
     *
     * @param letGo when it began to open the connection, not later than {@code decided}. What has begun before SIGTERM goes on
     */
    String whyNot(long decided, long letGo, long lease, boolean election) {
        if (endedAt < decided) {
            return "it ended at " + Values.instant(endedAt);
        }
        if (stoppingAt < letGo) {
            return "it takes nothing since SIGTERM at " + Values.instant(stoppingAt);
        }
        if (frozenAt < decided) {
            return "it is frozen since " + Values.instant(frozenAt);
        }
        return election ? whyNotByLease(decided, lease) : "";
    }

    /** Why it did not hold the Lease at a time; empty if it did. */
    String whyNotByLease(long decided, long lease) {
        if (ledSince == Values.NEVER) {
            return "it never held the Lease";
        }
        if (lostAt < decided) {
            return "it lost the Lease at " + Values.instant(lostAt);
        }
        if (Values.plus(renewedAt, lease) < decided) {
            return "its Lease was renewed last at " + Values.instant(renewedAt);
        }
        return "";
    }
}
