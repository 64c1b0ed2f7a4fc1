package dev.taskqueue.dev;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Services without a cluster. Each Service gets its own ClusterIP on loopback, where a {@link ForwardingProxy} listens at its ports, and an
 * EndpointSlice with one ready endpoint. So the operator finds and calls it as it would in a cluster.
 */
public final class ServiceStubs implements AutoCloseable {
    /** The range of targets that the operator may call in addition. All other addresses that it refuses stay refused. */
    public static final String RANGE = "127.0.0.0/8";

    /** The address in the EndpointSlices, because these refuse loopback addresses. Nobody connects to it, since Services here have a ClusterIP. */
    private static final String ENDPOINT = "192.0.2.1";

    private static final int BACKLOG = 1024;
    private static final AtomicInteger LAST_ADDRESS = new AtomicInteger();

    private final Creator creator;
    private final Consumer<String> say;
    private final List<ForwardingProxy> relays = new ArrayList<>();

    /** @param say gets a sentence for each difference from the manifest */
    public ServiceStubs(Creator creator, Consumer<String> say) {
        this.creator = creator;
        this.say = say;
    }

    /** Creates a Service with one port, named {@code http}. */
    public void add(String namespace, String name, int port, Supplier<URI> target) {
        ObjectNode service =
                JsonNodeFactory.instance.objectNode().put("apiVersion", "v1").put("kind", "Service");
        service.putObject("metadata").put("namespace", namespace).put("name", name);
        service.putObject("spec")
                .putArray("ports")
                .addObject()
                .put("name", "http")
                .put("port", port);
        add(new Manifest(service), target);
    }

    /** Creates the Service of a manifest. Requests to any of its ports go to {@code target}. */
    public void add(Manifest manifest, Supplier<URI> target) {
        ObjectNode service = manifest.object().deepCopy();
        ObjectNode spec = service.withObject("/spec");
        String address = nextAddress();
        for (JsonNode port : spec.path("ports")) {
            address = listen(manifest, (ObjectNode) port, address, target);
        }
        spec.put("clusterIP", address);
        spec.remove(List.of("clusterIPs", "type", "externalName", "selector"));
        creator.create(new Manifest(service));
        creator.create(slice(manifest, spec.path("ports")));
    }

    /** Every Service of the process gets its own address, so that two runs in one process do not get in each other's way. */
    private static String nextAddress() {
        int number = LAST_ADDRESS.incrementAndGet();
        return "127.20." + (1 + number / 250 % 250) + "." + (1 + number % 250);
    }

    private String listen(Manifest manifest, ObjectNode port, String address, Supplier<URI> target) {
        port.remove(List.of("targetPort", "nodePort"));
        int wanted = port.path("port").asInt();
        ServerSocket socket;
        try {
            socket = new ServerSocket(wanted, BACKLOG, InetAddress.ofLiteral(address));
        } catch (IOException notThatPort) {
            if (ForwardingProxy.isReachedAt(target.get(), address, wanted)) {
                return address;
            }
            socket = bind(address);
            port.put("port", socket.getLocalPort());
            say.accept(otherPort(manifest, port, wanted));
        }
        relays.add(new ForwardingProxy(socket, target));
        return socket.getInetAddress().getHostAddress();
    }

    private static String otherPort(Manifest service, JsonNode port, int wanted) {
        String name = port.path("name").asText("");
        return "Service " + service.name() + " has port " + port.path("port").asInt() + " instead of " + wanted
                + ", which is taken here: "
                + (name.isEmpty()
                        ? "leave out serviceRef.port."
                        : "write \"port: " + name + "\" in serviceRef, not the number.");
    }

    /** Uses any port, or any address: low ports need privileges, and some systems have only one loopback address. */
    private static ServerSocket bind(String address) {
        try {
            return new ServerSocket(0, BACKLOG, InetAddress.ofLiteral(address));
        } catch (IOException notThatAddress) {
            return anywhere();
        }
    }

    private static ServerSocket anywhere() {
        try {
            return new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException("no port of loopback can be listened on", e);
        }
    }

    private static Manifest slice(Manifest service, JsonNode servicePorts) {
        ObjectNode slice = JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", "discovery.k8s.io/v1")
                .put("kind", "EndpointSlice")
                .put("addressType", "IPv4");
        slice.putObject("metadata")
                .put("namespace", service.namespace())
                .put("name", service.name() + "-stand-in")
                .putObject("labels")
                .put("kubernetes.io/service-name", service.name());
        ObjectNode endpoint = slice.putArray("endpoints").addObject();
        endpoint.putArray("addresses").add(ENDPOINT);
        endpoint.putObject("conditions").put("ready", true);
        var ports = slice.putArray("ports");
        for (JsonNode port : servicePorts) {
            ports.addObject()
                    .put("name", port.path("name").asText(""))
                    .put("port", port.path("port").asInt())
                    .put("protocol", "TCP");
        }
        return new Manifest(slice);
    }

    @Override
    public void close() {
        relays.forEach(ForwardingProxy::close);
    }
}
