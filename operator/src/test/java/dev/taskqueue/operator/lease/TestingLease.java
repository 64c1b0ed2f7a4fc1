package dev.taskqueue.operator.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A Lease in memory, with versions like those of an API server. A test can write it directly, and can make it not answer. */
final class TestingLease implements LeaseStore {
    @Nullable LeaseRecord record;
    /** No request arrives. */
    boolean away;
    /** Writes are done, but their answers are lost. */
    boolean answersLost;

    /** What happens while a write is on its way. */
    Runnable meanwhile = () -> {};

    final List<String> holders = new ArrayList<>();
    private final List<Consumer<Event>> watchers = new ArrayList<>();
    private long version = 10;

    @Override
    public String name() {
        return "operators/taskqueue";
    }

    @Override
    public Optional<LeaseRecord> read() throws Unanswered {
        if (away) {
            throw new Unanswered("it is away");
        }
        return Optional.ofNullable(record);
    }

    @Override
    public Receipt write(LeaseRecord next) {
        if (away) {
            return new Receipt.Unclear("it is away");
        }
        meanwhile.run();
        if (next.version() != (record == null ? 0 : record.version())) {
            return new Receipt.Conflict();
        }
        put(next);
        return answersLost ? new Receipt.Unclear("the answer is lost") : new Receipt.Written(there());
    }

    LeaseRecord there() {
        return Optional.ofNullable(record).orElseThrow();
    }

    /** Writes the Lease as another process does. */
    void put(LeaseRecord next) {
        version++;
        LeaseRecord now = new LeaseRecord(
                version, next.holder(), next.duration(), next.transitions(), next.acquiredAt(), next.renewedAt());
        record = now;
        holders.add(next.holder());
        watchers.forEach(watcher -> watcher.accept(new Event(now, false)));
    }

    /** The watch reports the deletion of an earlier Lease. */
    void tellOfAnEarlierDeletion() {
        LeaseRecord now = there();
        watchers.forEach(watcher -> watcher.accept(
                new Event(new LeaseRecord(1, now.holder(), now.duration(), now.transitions(), null, null), true)));
    }

    void delete() {
        version++;
        LeaseRecord last = there();
        record = null;
        watchers.forEach(watcher -> watcher.accept(new Event(
                new LeaseRecord(version, last.holder(), last.duration(), last.transitions(), null, null), true)));
    }

    @Override
    public Watch watch(Consumer<Event> events) {
        watchers.add(events);
        return new Watch() {
            @Override
            public boolean isOpen() {
                return watchers.contains(events);
            }

            @Override
            public void close() {
                watchers.remove(events);
            }
        };
    }

    @Override
    public void close() {}
}
