package dev.taskqueue.operator.batch;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The claims of a batch, grouped by the second in which the requests left. At most {@value #MOST} groups; the oldest ones are united. */
final class ClaimGroups {
    /** As many as the CRD takes. */
    static final int MOST = 16;

    private final List<ItemClaim> groups = new ArrayList<>();

    List<ItemClaim> groups() {
        return List.copyOf(groups);
    }

    void add(ItemClaim claim) {
        remove(claim.indexes());
        for (int i = 0; i < groups.size(); i++) {
            ItemClaim group = groups.get(i);
            if (group.holder().equals(claim.holder())
                    && group.dispatchedAt().getEpochSecond() == claim.dispatchedAt().getEpochSecond()) {
                groups.set(i, united(group, claim));
                return;
            }
        }
        groups.add(claim);
        if (groups.size() > MOST) {
            groups.addFirst(united(groups.removeFirst(), groups.removeFirst()));
        }
    }

    void clear() {
        groups.clear();
    }

    void remove(BitSet indexes) {
        groups.replaceAll(group -> group.indexes().intersects(indexes) ? without(group, indexes) : group);
        groups.removeIf(group -> group.indexes().isEmpty());
    }

    private static ItemClaim without(ItemClaim group, BitSet indexes) {
        BitSet rest = (BitSet) group.indexes().clone();
        rest.andNot(indexes);
        return new ItemClaim(rest, group.dispatchedAt(), group.deadline(), group.holder());
    }

    private static ItemClaim united(ItemClaim older, ItemClaim newer) {
        BitSet both = (BitSet) older.indexes().clone();
        both.or(newer.indexes());
        return new ItemClaim(
                both,
                earlier(older.dispatchedAt(), newer.dispatchedAt()),
                later(older.deadline(), newer.deadline()),
                newer.holder());
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    private static Instant later(Instant a, Instant b) {
        return a.isBefore(b) ? b : a;
    }
}
