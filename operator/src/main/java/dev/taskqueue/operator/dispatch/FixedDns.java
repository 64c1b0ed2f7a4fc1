package dev.taskqueue.operator.dispatch;

import java.net.InetAddress;
import java.util.List;
import okhttp3.Dns;

/**
 * Every name has the one address the operator has chosen. OkHttp compares the Dns of a pooled connection with that of a request, so by this record's
 * equality a connection serves requests to its own address only.
 */
record FixedDns(InetAddress address) implements Dns {
    @Override
    public List<InetAddress> lookup(String hostname) {
        return List.of(address);
    }
}
