package dev.taskqueue.operator.dispatch;

import java.net.InetAddress;
import java.util.List;
import okhttp3.Connection;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/**
 * Resolves every name to the one address that the operator has chosen. OkHttp compares the Dns of a pooled connection with that of a request, so the
 * equality of this class keeps a connection to requests for its own address. The Dns of the request that opened a connection stays with the
 * connection, so it also counts how the connection is used. A connection serves one request at a time, so the count needs no lock.
 */
final class FixedDns implements Dns {
    private final InetAddress address;
    private final long endpointsVersion;
    private final long latestUse;
    private int requests;

    /**
     * Makes the Dns of one request.
     *
     * @param latestUse when a connection that this request opens is too old for another one, by the monotonic clock
     */
    FixedDns(OutboundRequest.Target target, long latestUse) {
        address = target.address();
        endpointsVersion = target.endpointsVersion();
        this.latestUse = latestUse;
    }

    /** The Dns of the request that opened the connection. */
    static FixedDns of(Connection connection) {
        return (FixedDns) connection.route().address().dns();
    }

    /** Counts one more request over the connection. */
    void countRequest() {
        requests++;
    }

    int requests() {
        return requests;
    }

    /** Whether the connection was opened after the last endpoint of the target's Service had gone, and is not too old. */
    boolean isFresh(OutboundRequest.Target target, long now) {
        return endpointsVersion == target.endpointsVersion() && now - latestUse < 0;
    }

    @Override
    public List<InetAddress> lookup(String hostname) {
        return List.of(address);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FixedDns dns && address.equals(dns.address);
    }

    @Override
    public int hashCode() {
        return address.hashCode();
    }
}
