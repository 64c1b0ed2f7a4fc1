package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.domain.Sleeper;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** The batches that may have something to write, each once. Thread-safe. The caller of {@link #changed} may hold no lock of a lane. */
final class CommitQueue {
    private final Sleeper sleeper;
    private final Set<BatchRecord> changed = new LinkedHashSet<>();
    private final Semaphore news = new Semaphore(0);

    CommitQueue(Sleeper sleeper) {
        this.sleeper = sleeper;
    }

    /** Something is to be written, now or later. The thread in {@link #await} looks. */
    void changed(BatchRecord record) {
        boolean isNew;
        synchronized (this) {
            isNew = changed.add(record);
        }
        if (isNew || CommitRules.isUrgent(record)) {
            wake();
        }
    }

    void wake() {
        if (news.availablePermits() == 0) {
            news.release();
        }
    }

    synchronized List<BatchRecord> all() {
        return List.copyOf(changed);
    }

    /** Nothing is to be written for it any more. The caller looks once more afterwards. */
    synchronized void remove(BatchRecord record) {
        changed.remove(record);
    }

    /** @param wait null = until there is news */
    void await(@Nullable Duration wait) throws InterruptedException {
        if (wait == null) {
            news.acquire();
        } else {
            sleeper.acquire(news, wait);
        }
        news.drainPermits();
    }
}
