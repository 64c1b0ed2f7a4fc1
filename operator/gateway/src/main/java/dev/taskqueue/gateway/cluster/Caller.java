package dev.taskqueue.gateway.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The account on whose behalf requests are made.
 *
 * @param user the user to impersonate; null = the gateway's own account
 * @param groups what TokenReview says; only for access reviews, never sent as a header
 */
public record Caller(@Nullable String user, List<String> groups) {
    /** The gateway itself: for reviews and watches, and for everything where there is no authentication. */
    public static final Caller OWN = new Caller(null, List.of());
}
