package dev.taskqueue.operator.simulation.apiserver;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The last changes of one kind. Watches read them, each at its own speed, and older versions are made from them by going back. */
final class ChangeHistory {
    private final @Nullable StoreEvent[] ring;
    /** The number of all changes so far, which is also the number of the next change. */
    private long count;

    private long first;
    /** The oldest version that is still known: that of the newest forgotten change. */
    private long oldestVersion;

    ChangeHistory(int length) {
        this.ring = new StoreEvent[length];
    }

    void add(StoreEvent event) {
        int place = (int) (count % ring.length);
        StoreEvent forgotten = ring[place];
        if (forgotten != null) {
            oldestVersion = Math.max(oldestVersion, forgotten.version());
            first = Math.max(first, count - ring.length + 1);
        }
        ring[place] = event;
        count++;
    }

    long count() {
        return count;
    }

    long oldestVersion() {
        return oldestVersion;
    }

    /** The number of the oldest change that is kept. */
    long first() {
        return first;
    }

    /** Forgets all changes until now, which is this version. */
    void forget(long version) {
        Arrays.fill(ring, null);
        first = count;
        oldestVersion = version;
    }

    /** @param number at least {@link #first}, and less than {@link #count} */
    StoreEvent at(long number) {
        return Objects.requireNonNull(ring[(int) (number % ring.length)]);
    }

    /** The number of the first change after a version. */
    long firstAfter(long version) {
        long number = count;
        while (number > first() && at(number - 1).version() > version) {
            number--;
        }
        return number;
    }

    /**
     * The object of this key as it was at a version.
     *
     * @param now the object as it is; null = it does not exist
     */
    @Nullable StoredObject objectAt(long version, String key, @Nullable StoredObject now) {
        StoredObject object = now;
        for (long number = count - 1; number >= first() && at(number).version() > version; number--) {
            if (at(number).key().equals(key)) {
                object = at(number).before();
            }
        }
        return object;
    }
}
