package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Which addresses may be called. A Task's author decides where the operator connects to, so what only the operator can reach is refused. */
final class AddressGate {
    private static final Set<InetAddress> METADATA = Set.of(
            InetAddress.ofLiteral("169.254.169.254"),
            InetAddress.ofLiteral("fd00:ec2::254"),
            InetAddress.ofLiteral("100.100.100.200"));

    private final List<Cidr> allowed;
    private final Predicate<InetAddress> isApiServer;

    /**
     * @param allowed what an administrator allows although it is refused by rule
     * @param isApiServer asked with normalised addresses
     */
    AddressGate(List<Cidr> allowed, Predicate<InetAddress> isApiServer) {
        this.allowed = List.copyOf(allowed);
        this.isApiServer = isApiServer;
    }

    /** Why the address is refused, as a noun phrase; empty where it may be called. */
    Optional<String> refusal(InetAddress address) {
        InetAddress plain = Cidr.normalised(address);
        if (allowed.stream().anyMatch(block -> block.contains(plain))) {
            return Optional.empty();
        }
        if (METADATA.contains(plain)) {
            return Optional.of("a cloud's metadata service");
        }
        if (plain.isLoopbackAddress()) {
            return Optional.of("a loopback address");
        }
        if (plain.isAnyLocalAddress()) {
            return Optional.of("the unspecified address");
        }
        if (plain.isLinkLocalAddress()) {
            return Optional.of("a link-local address");
        }
        if (plain.isMulticastAddress()) {
            return Optional.of("a multicast address");
        }
        return isApiServer.test(plain) ? Optional.of("an address of the API server") : Optional.empty();
    }
}
