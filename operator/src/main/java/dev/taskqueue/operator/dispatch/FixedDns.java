package dev.taskqueue.operator.dispatch;

import java.net.InetAddress;
import java.util.List;
import okhttp3.Dns;

/**
 * Resolves every name to the one address that the operator has chosen. OkHttp compares the Dns of a pooled connection with that of a request, so the
 * equality of this record keeps a connection to requests for its own address.
 */
record FixedDns(InetAddress address) implements Dns {
    @Override
    public List<InetAddress> lookup(String hostname) {
        return List.of(address);
    }
}
