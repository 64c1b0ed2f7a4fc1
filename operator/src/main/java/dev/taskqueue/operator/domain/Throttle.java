package dev.taskqueue.operator.domain;

/**
 * Adaptive throttling: the enforced rate falls while the workers answer that they are overloaded, and recovers step by step. It is a pure rule, and
 * is applied once per {@value #WINDOW_SECONDS} seconds.
 */
public final class Throttle {
    public static final int WINDOW_SECONDS = 5;

    private static final int ENOUGH_ATTEMPTS = 10;

    private Throttle() {}

    /**
     * The attempts that ended in one window.
     *
     * @param overloaded answers 429 and 503
     * @param serverErrors any 5xx, 503 included
     */
    public record Window(int attempts, int overloaded, int serverErrors) {}

    /**
     * The rate to enforce over the next window.
     *
     * @param limit dispatches a second that the queue's spec allows
     * @param enforced dispatches a second enforced until now
     */
    public static double next(double limit, double enforced, Window window) {
        if (isOverloaded(enforced, window)) {
            double floor = Math.min(limit, Math.max(0.1, limit / 100));
            return Math.max(floor, enforced * 0.7);
        }
        return Math.min(limit, enforced + limit * 0.05);
    }

    private static boolean isOverloaded(double enforced, Window window) {
        double possible = Math.floor(enforced * WINDOW_SECONDS);
        boolean enough = window.attempts >= Math.clamp(possible, 1, ENOUGH_ATTEMPTS);
        return enough && (window.overloaded * 10 > window.attempts || window.serverErrors * 2 > window.attempts);
    }
}
