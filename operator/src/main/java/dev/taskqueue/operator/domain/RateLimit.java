package dev.taskqueue.operator.domain;

/**
 * The rate at which a queue may dispatch.
 *
 * @param perSecond dispatches a second, 0.001 to 10000
 * @param burst size of the token bucket, at least 1
 */
public record RateLimit(double perSecond, int burst) {
    /** A burst worth more seconds of the rate than this is hardly meant. */
    private static final int LARGE_BURST_SECONDS = 10;

    /** The burst of a queue that names none: the dispatches of a fifth of a second, between 10 and 500. */
    public static int defaultBurst(double perSecond) {
        return (int) Math.clamp(Math.ceil(perSecond / 5), 10, 500);
    }

    /** Whether the burst is so large that the rate hardly shows. */
    public boolean isBurstLarge() {
        return burst > 1 && burst >= LARGE_BURST_SECONDS * perSecond;
    }
}
