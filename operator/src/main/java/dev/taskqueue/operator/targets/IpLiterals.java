package dev.taskqueue.operator.targets;

import java.net.InetAddress;
import java.util.Optional;

/** Addresses as objects of the API spell them. */
final class IpLiterals {
    private IpLiterals() {}

    /** Empty where it is no plain literal: objects from before the API was strict exist, and one of them must not end a whole watch. */
    static Optional<InetAddress> parse(String address) {
        try {
            return Optional.of(InetAddress.ofLiteral(address));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
