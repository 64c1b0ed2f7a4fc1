package dev.taskqueue.gateway.auth;

import dev.taskqueue.gateway.cluster.Caller;
import org.jspecify.annotations.Nullable;

/** Finds out who makes a call. */
public interface Authenticator {
    /** Lets everybody act as the gateway itself; only for a server on loopback. */
    Authenticator NONE = authorization -> Caller.OWN;

    /**
     * The caller; fails with UNAUTHENTICATED if nobody can be made out.
     *
     * @param authorization the header of that name; null if there is none
     */
    Caller authenticate(@Nullable String authorization);
}
