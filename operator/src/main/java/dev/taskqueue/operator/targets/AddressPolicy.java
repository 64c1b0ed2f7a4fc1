package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides which addresses may be called. The author of a Task decides where the operator connects to, so addresses that only the operator can reach
 * are refused.
 */
final class AddressPolicy {
    /** The metadata services of Amazon, Azure, Alibaba, Google and Oracle, and the token service of EKS Pod Identity. */
    private static final Set<InetAddress> METADATA = Stream.of(
                    "169.254.169.254",
                    "100.100.100.200",
                    "168.63.129.16",
                    "192.0.0.192",
                    "fd00:ec2::254",
                    "fd00:ec2::23",
                    "fd20:ce::254")
            .map(InetAddress::ofLiteral)
            .collect(Collectors.toUnmodifiableSet());

    private final List<Cidr> allowed;
    private final ApiServerMatcher apiServer;

    /** Recognizes addresses of the API server. It is called with normalised addresses. */
    interface ApiServerMatcher {
        /** Whether the API server answers at this address. */
        boolean isAt(InetAddress address, int port);
    }

    /** @param allowed addresses that an administrator allows although a rule refuses them */
    AddressPolicy(List<Cidr> allowed, ApiServerMatcher apiServer) {
        this.allowed = List.copyOf(allowed);
        this.apiServer = apiServer;
    }

    /** Why the address is refused, as a noun phrase; empty if it may be called. */
    Optional<String> refusal(InetAddress address, int port) {
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
        return apiServer.isAt(plain, port) ? Optional.of("an address of the API server") : Optional.empty();
    }
}
