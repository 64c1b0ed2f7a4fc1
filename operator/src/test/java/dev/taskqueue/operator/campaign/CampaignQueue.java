package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.testing.TestCluster;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The TaskQueues of each namespace. Finished Tasks go after a minute, so that the store stays small. */
enum CampaignQueue {
    FAST(""),
    RATE("rateLimits: {maxDispatchesPerSecond: 15, maxBurstSize: 5}, "),
    TWO("rateLimits: {maxConcurrentDispatches: 2}, "),
    SLOW("rateLimits: {maxConcurrentDispatches: 40}, "),
    LONG("rateLimits: {maxConcurrentDispatches: 20}, "),
    RETRIES("retry: {minBackoff: 1s, maxBackoff: 5s, maxDoublings: 2}, throttling: Disabled, "),
    FAILS("retry: {minBackoff: 500ms, maxAttempts: 2}, throttling: Disabled, "),
    LETTERS("retry: {minBackoff: 500ms, maxAttempts: 2}, throttling: Disabled, deadLetter: {queueRef: {name: dead}}, "),
    DEAD(""),
    REFUSES("retry: {nonRetryableStatusCodes: [404]}, "),
    HANGS("dispatchDeadline: 2s, retry: {minBackoff: 500ms}, "),
    EXPIRES("retry: {minBackoff: 1s, maxBackoff: 2s}, throttling: Disabled, deadLetter: {queueRef: {name: dead}}, "),
    VANISH(null),
    PAUSED(""),
    PURGED("state: Paused, ");

    private static final String RETENTION = "retention: {succeeded: 60s, failed: 60s}";
    private static final String NO_RETENTION = "retention: {succeeded: 0s}";

    private final String spec;

    CampaignQueue(@Nullable String spec) {
        this.spec = spec == null ? NO_RETENTION : spec + RETENTION;
    }

    String queue() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Creates all queues in a namespace. */
    static void create(TestCluster cluster) {
        for (CampaignQueue queue : values()) {
            cluster.queue(queue.queue(), "{" + queue.spec + "}");
        }
    }
}
