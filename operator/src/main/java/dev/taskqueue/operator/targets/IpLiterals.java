package dev.taskqueue.operator.targets;

import java.net.InetAddress;
import java.util.Optional;

/** Parses the addresses in objects of the API. */
final class IpLiterals {
    private IpLiterals() {}

    /** Empty if the text is not a plain literal. Objects from before the API was strict exist, and must not end a whole watch. */
    static Optional<InetAddress> parse(String address) {
        try {
            return Optional.of(InetAddress.ofLiteral(address));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
