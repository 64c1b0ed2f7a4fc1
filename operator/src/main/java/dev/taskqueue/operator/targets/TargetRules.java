package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.OperatorSetting;
import dev.taskqueue.operator.targets.ServiceSnapshot.Exposure;
import dev.taskqueue.operator.targets.ServiceSnapshot.Port;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Resolves a Task's {@code serviceRef} from the snapshots of the Service and its EndpointSlices. Pure: it looks nothing up. */
final class TargetRules {
    /** A condition's message names at most this many ports of a Service. */
    private static final int PORTS_NAMED = 10;

    private final AddressPolicy policy;
    private final Set<IpFamily> families;
    private final RandomGenerator spread;

    /**
     * Makes the rules.
     *
     * @param families preferred, because this process can reach others in them
     * @param spread picks an endpoint where the operator dials one itself; called on any thread
     */
    TargetRules(AddressPolicy policy, Set<IpFamily> families, RandomGenerator spread) {
        this.policy = policy;
        this.families = families;
        this.spread = spread;
    }

    /** The Service that a Task names: {@code serviceRef} with {@code scheme}. */
    record Query(
            String namespace,
            String service,
            @Nullable IntOrString port,
            @Nullable Boolean https) {
        @Override
        public String toString() {
            return "Service " + namespace + "/" + service;
        }

        ServiceCatalog.Key key() {
            return new ServiceCatalog.Key(namespace, service);
        }

        boolean isApiServer() {
            return namespace.equals("default") && service.equals("kubernetes");
        }

        TargetResolution found(Port chosen, Endpoint endpoint, long endpointsVersion) {
            boolean secure = https == null ? chosen.https() : https;
            String host = service + "." + namespace + ".svc";
            return new TargetResolution.Found(
                    new Target(secure, endpoint.address(), endpoint.port(), host, endpointsVersion));
        }

        /** The subject that the Task waits for: the Service, and the port and scheme that the Task needs. */
        Obstacle.Subject subject() {
            String scheme = https == null ? "" : https ? " https" : " http";
            return new Obstacle.Subject(
                    Obstacle.Kind.Service, namespace, service, (port == null ? "" : port.getValue()) + scheme);
        }

        TargetResolution.Missing missing(Obstacle.Reason reason, String rest) {
            return new TargetResolution.Missing(new Obstacle(reason, subject(), this + " " + rest));
        }
    }

    /** An address to send to. */
    record Endpoint(InetAddress address, int port) {}

    /** Whether the resolution stays the same until something changes. It does not where each request chooses an endpoint. */
    static boolean isLasting(@Nullable ServiceSnapshot service) {
        return service != null && service.exposure() instanceof Exposure.ClusterAddress cluster && !cluster.isLocal();
    }

    TargetResolution judge(Query query, @Nullable ServiceSnapshot service, EndpointsSnapshot endpoints) {
        if (query.isApiServer()) {
            return query.missing(
                    Obstacle.Reason.TargetRefused,
                    "is the API server, which is never called: name another Service in serviceRef.");
        }
        if (service == null) {
            return query.missing(
                    Obstacle.Reason.TargetNotFound, "does not exist: create it, or correct serviceRef.name.");
        }
        return switch (service.exposure()) {
            case Exposure.ExternalName() ->
                query.missing(
                        Obstacle.Reason.TargetRefused,
                        "is of type ExternalName, which is never called: name a Service with endpoints of its own.");
            case Exposure.Unassigned() ->
                query.missing(
                        Obstacle.Reason.TargetNotFound,
                        "has no address: give it a clusterIP, or make it headless with clusterIP None.");
            case Exposure.ClusterAddress cluster -> {
                Port port = choose(query, service.ports());
                yield port == null
                        ? unknownPort(query, service.ports())
                        : clusterAddress(query, port, cluster, endpoints);
            }
            case Exposure.Headless(boolean ipv6First) -> {
                Port port = choose(query, service.ports());
                yield port == null
                        ? unknownPort(query, service.ports())
                        : endpoint(query, port, ipv6First ? IpFamily.IPv6 : IpFamily.IPv4, endpoints);
            }
        };
    }

    private TargetResolution clusterAddress(
            Query query, Port port, Exposure.ClusterAddress cluster, EndpointsSnapshot endpoints) {
        List<Endpoint> ready = ready(port, endpoints.slices());
        InetAddress address = dialled(cluster.addresses(), ready);
        Optional<String> refusal = policy.refusal(address, port.number());
        if (refusal.isPresent()) {
            return refused(query, address, refusal.get());
        }
        IpFamily family = IpFamily.of(address);
        if (cluster.isLocal()) {
            // The address leads nowhere from a node without such an endpoint, so an endpoint is dialled in its place.
            return endpoint(query, port, family, endpoints);
        }
        // Only endpoints of the same IP family are behind the address.
        List<Endpoint> behind = ready.stream()
                .filter(endpoint -> IpFamily.of(endpoint.address()) == family)
                .toList();
        return firstFault(query, port, behind)
                .<TargetResolution>map(fault -> fault)
                .orElseGet(() -> query.found(port, new Endpoint(address, port.number()), endpoints.version()));
    }

    /** The first address that has ready endpoints and a family that this process can use; else the first with ready endpoints; else the first. */
    private InetAddress dialled(List<InetAddress> addresses, List<Endpoint> ready) {
        InetAddress chosen = addresses.getFirst();
        if (addresses.size() == 1) {
            return chosen;
        }
        List<InetAddress> served = addresses.stream()
                .filter(address ->
                        ready.stream().anyMatch(endpoint -> IpFamily.of(endpoint.address()) == IpFamily.of(address)))
                .toList();
        return served.stream()
                .filter(address -> families.contains(IpFamily.of(address)))
                .findFirst()
                .orElse(served.isEmpty() ? chosen : served.getFirst());
    }

    /** Chooses one of the ready endpoints, of {@code first} if this process can use that family, and else of the other one. */
    private TargetResolution endpoint(Query query, Port port, IpFamily first, EndpointsSnapshot endpoints) {
        List<Endpoint> ready = ready(port, endpoints.slices());
        Optional<TargetResolution.Missing> fault = firstFault(query, port, ready);
        if (fault.isPresent()) {
            return fault.get();
        }
        IpFamily preferred =
                families.contains(first) ? first : families.iterator().next();
        List<Endpoint> inFamily = ready.stream()
                .filter(endpoint -> IpFamily.of(endpoint.address()) == preferred)
                .toList();
        List<Endpoint> choice = inFamily.isEmpty() ? ready : inFamily;
        return query.found(port, choice.get(spread.nextInt(choice.size())), endpoints.version());
    }

    /** A single forbidden endpoint is a fault: somebody who may write EndpointSlices could hide it among good ones, also behind a ClusterIP. */
    private Optional<TargetResolution.Missing> firstFault(Query query, Port port, List<Endpoint> ready) {
        if (ready.isEmpty()) {
            return Optional.of(query.missing(
                    Obstacle.Reason.NoReadyEndpoint,
                    "has no ready endpoint at port " + port + ": start its Pods, or look why they are not ready."));
        }
        return ready.stream()
                .flatMap(endpoint -> policy.refusal(endpoint.address(), endpoint.port()).stream()
                        .map(why -> refused(query, endpoint.address(), why)))
                .findFirst();
    }

    private static TargetResolution.Missing refused(Query query, InetAddress address, String why) {
        return query.missing(
                Obstacle.Reason.TargetRefused,
                "leads to " + address.getHostAddress() + ", " + why
                        + ", which is refused: name another Service, or let an administrator add the address to "
                        + OperatorSetting.ALLOWED_TARGET_CIDRS + ".");
    }

    private static @Nullable Port choose(Query query, List<Port> ports) {
        IntOrString asked = query.port();
        if (asked == null) {
            return ports.size() == 1 ? ports.getFirst() : null;
        }
        // A port's name contains a letter, so a string of digits is a number.
        String text = String.valueOf(asked.getValue());
        return ports.stream()
                .filter(port -> (asked.getStrVal() != null && port.name().equals(text))
                        || String.valueOf(port.number()).equals(text))
                .findFirst()
                .orElse(null);
    }

    private static TargetResolution unknownPort(Query query, List<Port> ports) {
        if (ports.isEmpty()) {
            return query.missing(Obstacle.Reason.TargetNotFound, "has no TCP port: give it one.");
        }
        String names = ports.stream().limit(PORTS_NAMED).map(Port::toString).collect(Collectors.joining(", "))
                + (ports.size() > PORTS_NAMED ? " and others" : "");
        IntOrString asked = query.port();
        return query.missing(
                Obstacle.Reason.TargetNotFound,
                asked == null
                        ? "has several ports: name one of " + names + " in serviceRef.port."
                        : "has no port \"" + asked.getValue() + "\": name one of " + names + " in serviceRef.port.");
    }

    private static List<Endpoint> ready(Port port, Collection<EndpointSliceSnapshot> slices) {
        return slices.stream()
                .flatMap(slice -> Optional.ofNullable(slice.ports().get(port.name())).stream()
                        .flatMap(number -> slice.ready().stream().map(address -> new Endpoint(address, number))))
                .toList();
    }
}
