package dev.taskqueue.operator.targets;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two families of addresses. */
enum IpFamily {
    IPv4,
    IPv6;

    private static final Logger LOG = LoggerFactory.getLogger(IpFamily.class);

    static IpFamily of(InetAddress address) {
        return address.getAddress().length == 16 ? IPv6 : IPv4;
    }

    /**
     * The families in which this machine or Pod can reach others. A loopback address is in every Pod and leads nowhere else, so it does not count. If
     * nothing else is known, both may work.
     */
    static Set<IpFamily> ofThisMachine() {
        var found = EnumSet.noneOf(IpFamily.class);
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .map(IpFamily::of)
                    .forEach(found::add);
        } catch (SocketException e) {
            LOG.warn("The addresses of this machine cannot be read; IPv4 and IPv6 are used alike", e);
        }
        return found.isEmpty() ? EnumSet.allOf(IpFamily.class) : found;
    }
}
