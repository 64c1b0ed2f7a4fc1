package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.domain.Throttle;
import dev.taskqueue.operator.domain.TokenBucket;

/** Limits what leaves a queue to its settings: the rate by tokens, the concurrency by slots. The lane's lock guards it. */
final class QueueLimiter {
    private final TokenBucket bucket;
    private QueueSettings settings;
    /** Dispatches a second in force: the settings' rate, or less while the workers are overloaded. */
    private double enforced;

    /**
     * The limiter of a queue that has become known.
     *
     * @param full whether the bucket starts full
     */
    QueueLimiter(QueueSettings settings, boolean full, long nanos) {
        this.settings = settings;
        this.enforced = settings.rate().perSecond();
        this.bucket = new TokenBucket(settings.rate(), full, nanos);
    }

    QueueSettings settings() {
        return settings;
    }

    double enforced() {
        return enforced;
    }

    /** Takes changed settings. A queue that is slowed down stays slowed down, as far as the new rate allows. */
    void change(QueueSettings changed, long nanos) {
        boolean slowed = enforced < settings.rate().perSecond();
        settings = changed;
        double limit = changed.rate().perSecond();
        enforced = slowed && changed.adaptive() ? Math.min(enforced, limit) : limit;
        resize(nanos);
    }

    /** Adapts the enforced rate to the answers of the workers in a window of attempts that is over. */
    void adapt(Throttle.Window window, long nanos) {
        double limit = settings.rate().perSecond();
        double next = settings.adaptive() ? Throttle.next(limit, enforced, window) : limit;
        if (next != enforced) {
            enforced = next;
            resize(nanos);
        }
    }

    private void resize(long nanos) {
        bucket.resize(new RateLimit(enforced, settings.rate().burst()), nanos);
    }

    /** @param slots how many would be taken */
    boolean hasSlots(int slots) {
        return slots <= settings.maxConcurrent();
    }

    boolean hasToken(long nanos) {
        return nanosUntilToken(nanos) == 0;
    }

    long nanosUntilToken(long nanos) {
        return bucket.nanosUntilNext(nanos);
    }

    void takeToken(long nanos) {
        if (!bucket.tryTake(nanos)) {
            throw new IllegalStateException("a token is taken only after hasToken");
        }
    }

    /** Removes all tokens that have accumulated. */
    void empty(long nanos) {
        bucket.empty(nanos);
    }

    void giveTokenBack() {
        bucket.giveBack();
    }

    /** How many tokens there will be within the given time, if each is taken as soon as it is there; at least 1. */
    int tokensWithin(long period, long nanos) {
        return Math.max(1, bucket.availableWithin(period, nanos));
    }

    /** How many slots are left. */
    int slotsLeft(int taken) {
        return Math.max(0, settings.maxConcurrent() - taken);
    }
}
