package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which addresses may be called. A Task's author decides where the operator connects to, so what only the operator can reach is refused. */
final class AddressPolicy {
    /** Of Amazon, Azure, Alibaba, Google and Oracle, tokens of EKS Pod Identity included. */
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
    private final ApiServer apiServer;

    /** Where the API server is. Asked with normalised addresses. */
    interface ApiServer {
        /** Whether the API server answers there. */
        boolean isAt(InetAddress address, int port);
    }

    /** @param allowed what an administrator allows although it is refused by rule */
    AddressPolicy(List<Cidr> allowed, ApiServer apiServer) {
        this.allowed = List.copyOf(allowed);
        this.apiServer = apiServer;
    }

    /** Why the address is refused, as a noun phrase; empty where it may be called. */
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
