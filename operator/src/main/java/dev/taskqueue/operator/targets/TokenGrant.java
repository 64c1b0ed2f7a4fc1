package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Obstacle;

/** The answer to a request for a token. */
public sealed interface TokenGrant {
    /** The token. Its text form does not show it, so that no log can hold it. */
    record Granted(String token) implements TokenGrant {
        @Override
        public String toString() {
            return "Granted[token=***]";
        }
    }

    /** There is no token until something changes. */
    record Denied(Obstacle obstacle) implements TokenGrant {}
}
