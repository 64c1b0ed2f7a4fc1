package dev.taskqueue.operator.batch;

import java.time.Instant;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What people want sent before its time. Status says it, so that a process that takes over does it as well: the annotation was acted on by then. The
 * owner of the progress guards it.
 */
public final class ExpeditedItems {
    private @Nullable Instant dueSince;
    private final BitSet chosen = new BitSet();

    /** Since when the items that were never sent are due; null = each has its own time. */
    public @Nullable Instant dueSince() {
        return dueSince;
    }

    /** The items that are to be sent past all limits and have had no outcome since; a copy. */
    public BitSet chosen() {
        return (BitSet) chosen.clone();
    }

    boolean isEmpty() {
        return dueSince == null && chosen.isEmpty();
    }

    void makeDue(@Nullable Instant since) {
        dueSince = since;
    }

    void choose(BitSet indexes) {
        chosen.or(indexes);
    }

    /** What was wanted of another progress of the same batch is wanted here, too. */
    void addAll(ExpeditedItems other) {
        dueSince = dueSince == null ? other.dueSince : dueSince;
        chosen.or(other.chosen);
    }

    /** These items have had an outcome, or are never sent. */
    void remove(BitSet indexes) {
        chosen.andNot(indexes);
    }

    void clear() {
        dueSince = null;
        chosen.clear();
    }
}
