package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.DnsNames;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A complete request. Its text form shows neither header values nor the body.
 *
 * @param method POST, PUT and PATCH send {@code body}, an empty one as {@code Content-Length: 0}; GET, HEAD, DELETE and OPTIONS never send one
 * @param path begins with {@code /}, with the query where there is one. Sent as given, except: {@code .} and {@code ..} segments (also as {@code
 *     %2e}) are resolved; in the path {@code \} is read as {@code /} and the characters {@code space " < > ^ ` { | }} are percent-encoded, in the
 *     query {@code space " ' < >}; everything outside ASCII is percent-encoded as UTF-8; tabs and line breaks are dropped, and so is a fragment
 *     ({@code #...}). A {@code %} is left alone
 * @param headers checked by {@link dev.taskqueue.operator.domain.HeaderRules}; without {@code Host} and {@code Content-Length}
 * @param body empty = none; neither copied nor changed
 * @param deadline covers everything from the connect to the end of the answer; positive
 * @param expireAt at or after this time, by the wall clock of this process, nothing of it leaves any more; null = it never expires
 * @param recorded not null if the beginning of a failed answer is kept: what must not be kept
 */
public record OutboundRequest(
        Target target,
        String method,
        String path,
        Map<String, String> headers,
        @SuppressWarnings("ArrayRecordComponent") byte[] body, // up to 1 MiB: shared, and never compared
        Duration deadline,
        @Nullable Instant expireAt,
        @Nullable RecordedSecrets recorded) {

    private static final Set<String> METHODS_WITH_BODY = Set.of("POST", "PUT", "PATCH");

    public OutboundRequest {
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("A path begins with /");
        }
        if (!deadline.isPositive()) {
            throw new IllegalArgumentException("A deadline is positive");
        }
    }

    /** A request that never expires, and of whose answer nothing is kept. */
    public OutboundRequest(
            Target target, String method, String path, Map<String, String> headers, byte[] body, Duration deadline) {
        this(target, method, path, headers, body, deadline, null, null);
    }

    /** Whether nothing of it may leave any more at this time. */
    public boolean isExpired(Instant now) {
        return expireAt != null && !now.isBefore(expireAt);
    }

    /** Whether a request with this method has a body, perhaps an empty one. */
    boolean hasBody() {
        return METHODS_WITH_BODY.contains(method);
    }

    @Override
    public String toString() {
        return method + " " + target.host();
    }

    /**
     * The destination of a request.
     *
     * @param address dialled as it is; no name is ever looked up
     * @param port 1 to 65535; never part of the {@code Host} header
     * @param host {@code SERVICE.NAMESPACE.svc}: the {@code Host} header, and the name that TLS sends and verifies
     * @param endpointsVersion another one after an endpoint behind the address has gone. Connections that were opened under another version may
     *     lead to that endpoint, so they are not used again
     */
    public record Target(Security security, InetAddress address, int port, String host, long endpointsVersion) {
        /** The name in the URL, which is the one that TLS sends and verifies. */
        String serverName() {
            return security instanceof Security.Tls tls && tls.serverName() != null ? tls.serverName() : host;
        }
    }

    /** How the connection is protected. */
    public sealed interface Security {
        /** The connection is not protected: {@code http}. */
        record Plain() implements Security {}

        /**
         * {@code https}.
         *
         * @param trust null = the system's trust store
         * @param serverName a DNS name instead of the host's; null = the host
         */
        record Tls(@Nullable CaBundle trust, @Nullable String serverName) implements Security {
            /** Checks that the last label begins with a letter: an IP address is no name, and would be dialled instead of the target. */
            public Tls {
                if (serverName != null && !DnsNames.isServerName(serverName)) {
                    throw new IllegalArgumentException("A TLS server name is a DNS name");
                }
            }
        }
    }
}
