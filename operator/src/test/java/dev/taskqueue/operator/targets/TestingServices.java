package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds Service {@code shop/worker} and its EndpointSlices. */
final class TestingServices {
    private TestingServices() {}

    /** A line of a table, identified by its sentence; {@code expected} is a target or a reason. */
    record Row(
            String sentence,
            @Nullable Service service,
            @Nullable EndpointSlice slice,
            @Nullable IntOrString port,
            String expected,
            String words) {
        Row(String sentence, @Nullable Service service, @Nullable EndpointSlice slice, @Nullable IntOrString port) {
            this(sentence, service, slice, port, "", "");
        }

        Row leadsTo(String place) {
            return new Row(sentence, service, slice, port, place, "");
        }

        Row isRefused(String reason, String words) {
            return new Row(sentence, service, slice, port, reason, words);
        }

        @Override
        public String toString() {
            return sentence;
        }
    }

    static Service cluster(String clusterIp, ServicePort... ports) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("worker")
                .endMetadata()
                .withNewSpec()
                .withClusterIP(clusterIp)
                .withPorts(ports)
                .endSpec()
                .build();
    }

    static Service external(String name) {
        return new ServiceBuilder(cluster("", port("http", 80)))
                .editSpec()
                .withType("ExternalName")
                .withExternalName(name)
                .endSpec()
                .build();
    }

    static ServicePort port(@Nullable String name, int number) {
        return port(name, number, null);
    }

    static ServicePort port(@Nullable String name, int number, @Nullable String appProtocol) {
        return new ServicePortBuilder()
                .withName(name)
                .withPort(number)
                .withProtocol("TCP")
                .withAppProtocol(appProtocol)
                .build();
    }

    static ServicePort udp(String name, int number) {
        return new ServicePortBuilder(port(name, number)).withProtocol("UDP").build();
    }

    static EndpointSlice slice(@Nullable String portName, int port, String... ready) {
        return slice(portName, port, Boolean.TRUE, ready);
    }

    static EndpointSlice slice(@Nullable String portName, int port, @Nullable Boolean ready, String... addresses) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("worker-abcde")
                .addToLabels("kubernetes.io/service-name", "worker")
                .endMetadata()
                .withAddressType(addresses[0].contains(":") ? "IPv6" : "IPv4")
                .addNewPort(null, portName, port, "TCP")
                .withEndpoints(Stream.of(addresses)
                        .map(address -> new EndpointBuilder()
                                .withAddresses(address)
                                .withNewConditions()
                                .withReady(ready)
                                .endConditions()
                                .build())
                        .toList())
                .build();
    }
}
