package dev.taskqueue.operator.domain;

/**
 * A token bucket, refilled continuously: in any window of length t no more than burst + rate * t tokens are taken. Times are
 * nanoseconds of a monotonic clock. Not thread-safe: the lane's lock guards it.
 */
public final class TokenBucket {
    private static final double NANOS = 1e9;
    /** A whole token, except for rounding errors. Taking it leaves the difference as a debt, so the errors do not add up. */
    private static final double WHOLE = 1 - 1e-9;

    private double perSecond;
    private int burst;
    private double tokens;
    private long refilledAt;

    /** @param full whether the bucket starts full, as for a new queue; after a restart it starts empty, so that a fail-over causes no burst */
    public TokenBucket(RateLimit limit, boolean full, long now) {
        this.perSecond = limit.perSecond();
        this.burst = limit.burst();
        this.tokens = full ? burst : 0;
        this.refilledAt = now;
    }

    public boolean tryTake(long now) {
        refill(now);
        if (tokens < WHOLE) {
            return false;
        }
        tokens -= 1;
        return true;
    }

    /** Takes all tokens. The bucket fills again from now on. */
    public void empty(long now) {
        refill(now);
        tokens = Math.min(tokens, 0);
    }

    /** Takes back a token whose dispatch did not happen. */
    public void giveBack() {
        tokens = Math.min(burst, tokens + 1);
    }

    /** How many whole tokens can be taken within the given time, if each is taken as soon as it is there. */
    public int availableWithin(long nanos, long now) {
        refill(now);
        return (int) (tokens + nanos / NANOS * perSecond);
    }

    /** How long until there is a token; zero if there is one. Rounded up, so that waiting this long is always enough. */
    public long nanosUntilNext(long now) {
        refill(now);
        return tokens >= WHOLE ? 0 : (long) Math.ceil((1 - tokens) / perSecond * NANOS);
    }

    /** Changes the limits. Tokens are kept, up to the new burst. */
    public void resize(RateLimit limit, long now) {
        refill(now);
        perSecond = limit.perSecond();
        burst = limit.burst();
        tokens = Math.min(tokens, burst);
    }

    private void refill(long now) {
        if (now - refilledAt > 0) {
            tokens = Math.min(burst, tokens + (now - refilledAt) / NANOS * perSecond);
            refilledAt = now;
        }
    }
}
