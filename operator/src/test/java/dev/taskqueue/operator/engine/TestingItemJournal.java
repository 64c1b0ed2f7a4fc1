package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Notes the outcomes of items, and commits them when the story says so, or at once. */
final class TestingItemJournal implements ItemJournal {
    /** Every outcome, in order. */
    final List<Page> pages = new ArrayList<>();

    private final Map<BatchFeed, Set<Integer>> uncommitted = new LinkedHashMap<>();
    private boolean commitsAtOnce = true;
    private @Nullable BatchDeliveries engine;

    record Page(DeliveryId item, Journal.Entry entry) {}

    void bind(BatchDeliveries batches) {
        engine = batches;
    }

    /** From now on, {@link #commit} commits. */
    void waits() {
        commitsAtOnce = false;
    }

    @Override
    public void note(BatchFeed batch, DeliveryId item, Journal.Entry entry) {
        pages.add(new Page(item, entry));
        uncommitted.computeIfAbsent(batch, _ -> new TreeSet<>()).add(item.item().index());
        if (commitsAtOnce) {
            commit();
        }
    }

    /** The write of everything that was noted is acknowledged. */
    void commit() {
        var all = new LinkedHashMap<>(uncommitted);
        uncommitted.clear();
        all.forEach((batch, indexes) -> Objects.requireNonNull(engine).committed(batch, indexes));
    }

    /** The ends so far, by index. */
    List<String> ends() {
        return pages.stream()
                .filter(page -> page.entry() instanceof Journal.Entry.Finished)
                .map(page -> page.item().item().index() + " "
                        + ((Journal.Entry.Finished) page.entry()).ending().reason())
                .toList();
    }
}
