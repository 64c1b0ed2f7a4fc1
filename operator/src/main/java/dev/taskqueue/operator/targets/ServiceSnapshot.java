package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Cidr;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The part of a Service that is needed to resolve it.
 *
 * @param ports its TCP ports, in the Service's order
 */
record ServiceSnapshot(Exposure exposure, List<Port> ports) {

    /** How a Service is reached. */
    sealed interface Exposure {
        /**
         * The Service is reached at its own address.
         *
         * @param addresses one for each family, the Service's first family first
         * @param isLocal whether the address leads only to endpoints on the caller's own node ({@code internalTrafficPolicy: Local})
         */
        record ClusterAddress(List<InetAddress> addresses, boolean isLocal) implements Exposure {
            boolean contains(InetAddress normalised) {
                return addresses.stream().map(Cidr::normalised).anyMatch(normalised::equals);
            }
        }

        /** The Service is reached at an endpoint, preferably of the Service's first IP family. */
        record Headless(boolean ipv6First) implements Exposure {}

        /** The Service is reached at a name that its author chose. */
        record ExternalName() implements Exposure {}

        /** The Service has no address yet. */
        record Unassigned() implements Exposure {}
    }

    /** A port; {@code name} is empty if the Service gives none. */
    record Port(String name, int number, boolean https) {
        @Override
        public String toString() {
            return name.isEmpty() ? String.valueOf(number) : name + " (" + number + ")";
        }
    }

    static ServiceSnapshot of(Service service) {
        ServiceSpec spec = service.getSpec();
        List<Port> ports = spec.getPorts().stream()
                .filter(port -> isTcp(port.getProtocol()))
                .map(ServiceSnapshot::port)
                .toList();
        return new ServiceSnapshot(exposure(spec), ports);
    }

    /** An absent protocol is TCP. */
    static boolean isTcp(@Nullable String protocol) {
        return protocol == null || protocol.equals("TCP");
    }

    private static Exposure exposure(ServiceSpec spec) {
        if ("ExternalName".equals(spec.getType())) {
            return new Exposure.ExternalName();
        }
        String address = Objects.requireNonNullElse(spec.getClusterIP(), "");
        return switch (address) {
            case "" -> new Exposure.Unassigned();
            case "None" ->
                new Exposure.Headless(spec.getIpFamilies().stream()
                        .findFirst()
                        .filter("IPv6"::equals)
                        .isPresent());
            default ->
                IpLiterals.parse(address)
                        .<Exposure>map(first -> new Exposure.ClusterAddress(
                                addresses(first, spec), "Local".equals(spec.getInternalTrafficPolicy())))
                        .orElseGet(Exposure.Unassigned::new);
        };
    }

    private static List<InetAddress> addresses(InetAddress first, ServiceSpec spec) {
        List<String> all = Objects.requireNonNullElse(spec.getClusterIPs(), List.of());
        return Stream.concat(Stream.of(first), all.stream().flatMap(address -> IpLiterals.parse(address).stream()))
                .distinct()
                .toList();
    }

    private static Port port(ServicePort port) {
        String name = Objects.requireNonNullElse(port.getName(), "");
        return new Port(name, port.getPort(), isHttps(port.getAppProtocol(), name));
    }

    /** The appProtocol of the port wins over what its name suggests. */
    private static boolean isHttps(@Nullable String appProtocol, String name) {
        return switch (Objects.requireNonNullElse(appProtocol, "").toLowerCase(Locale.ROOT)) {
            case "https", "kubernetes.io/https", "kubernetes.io/wss" -> true;
            case "http", "kubernetes.io/http", "kubernetes.io/h2c", "kubernetes.io/ws" -> false;
            default -> name.equals("https") || name.startsWith("https-");
        };
    }
}
