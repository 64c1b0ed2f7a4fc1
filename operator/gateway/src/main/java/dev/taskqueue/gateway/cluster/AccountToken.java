package dev.taskqueue.gateway.cluster;

import io.fabric8.kubernetes.client.Config;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The gateway's own bearer token. Kubernetes replaces the file of a Pod's token, so it is read again each minute. */
final class AccountToken {
    private static final long AGE = Duration.ofMinutes(1).toNanos();

    private Config config;
    private long readAt = System.nanoTime();

    AccountToken(Config config) {
        this.config = config;
    }

    /** The token; null if the account has a certificate instead. */
    synchronized @Nullable String read() {
        long now = System.nanoTime();
        if (now - readAt > AGE) {
            config = config.refresh();
            readAt = now;
        }
        String own = config.getOauthToken();
        return own == null ? config.getAutoOAuthToken() : own;
    }
}
