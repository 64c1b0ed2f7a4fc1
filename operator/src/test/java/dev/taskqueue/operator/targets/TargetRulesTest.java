package dev.taskqueue.operator.targets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Cidr;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.targets.TestingServices.Row;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TargetRulesTest {
    private static final InetAddress API_SERVER = InetAddress.ofLiteral("198.51.100.1");

    private final TargetRules rules = rules();

    static Stream<Row> found() {
        var http = TestingServices.port("http", 80);
        var slice = TestingServices.slice("http", 8080, "192.0.2.1");
        return Stream.of(
                new Row("the only port may be left out", TestingServices.cluster("10.0.0.1", http), slice, null)
                        .leadsTo("http 10.0.0.1:80"),
                new Row(
                                "a port by name",
                                TestingServices.cluster("10.0.0.1", http, TestingServices.port("admin", 81)),
                                slice,
                                new IntOrString("http"))
                        .leadsTo("http 10.0.0.1:80"),
                new Row(
                                "a port by number",
                                TestingServices.cluster("10.0.0.1", http, TestingServices.port("admin", 81)),
                                slice,
                                new IntOrString(80))
                        .leadsTo("http 10.0.0.1:80"),
                new Row("a number in quotes", TestingServices.cluster("10.0.0.1", http), slice, new IntOrString("80"))
                        .leadsTo("http 10.0.0.1:80"),
                new Row(
                                "a port without a name",
                                TestingServices.cluster("10.0.0.1", TestingServices.port(null, 80)),
                                TestingServices.slice(null, 8080, "192.0.2.1"),
                                null)
                        .leadsTo("http 10.0.0.1:80"),
                new Row(
                                "UDP ports do not count",
                                TestingServices.cluster("10.0.0.1", http, TestingServices.udp("dns", 53)),
                                slice,
                                null)
                        .leadsTo("http 10.0.0.1:80"),
                new Row(
                                "IPv6",
                                TestingServices.cluster("fd12::1", http),
                                TestingServices.slice("http", 8080, "fd34::1"),
                                null)
                        .leadsTo("http fd12:0:0:0:0:0:0:1:80"),
                new Row(
                                "another port of the API server's machine",
                                TestingServices.cluster("10.0.0.1", http),
                                TestingServices.slice("http", 8080, "198.51.100.1"),
                                null)
                        .leadsTo("http 10.0.0.1:80"),
                new Row(
                                "headless: the endpoint and its own port",
                                TestingServices.cluster("None", http),
                                slice,
                                new IntOrString(80))
                        .leadsTo("http 192.0.2.1:8080"),
                new Row(
                                "readiness that nobody tells is readiness",
                                TestingServices.cluster("10.0.0.1", http),
                                TestingServices.slice("http", 8080, (Boolean) null, "192.0.2.1"),
                                null)
                        .leadsTo("http 10.0.0.1:80"));
    }

    @ParameterizedTest
    @MethodSource
    void found(Row row) {
        Target target = target(judge(row.service(), row.slice(), row.port(), null));
        assertThat((target.https() ? "https " : "http ") + target.address().getHostAddress() + ":" + target.port())
                .isEqualTo(row.expected());
        assertThat(target.host()).isEqualTo("worker.shop.svc");
    }

    static Stream<Row> missing() {
        var http = TestingServices.port("http", 80);
        var admin = TestingServices.port("admin", 81);
        var slice = TestingServices.slice("http", 8080, "192.0.2.1");
        var service = TestingServices.cluster("10.0.0.1", http);
        return Stream.of(
                new Row("no Service", null, slice, null).isRefused("TargetNotFound", "does not exist"),
                new Row(
                                "a name that the Service lacks",
                                TestingServices.cluster("10.0.0.1", http, admin),
                                slice,
                                new IntOrString("grpc"))
                        .isRefused("TargetNotFound", "no port \"grpc\": name one of http (80), admin (81)"),
                new Row("a target port is no Service port", service, slice, new IntOrString(8080))
                        .isRefused("TargetNotFound", "no port \"8080\": name one of http (80)"),
                new Row(
                                "a UDP port",
                                TestingServices.cluster("10.0.0.1", http, TestingServices.udp("dns", 53)),
                                slice,
                                new IntOrString(53))
                        .isRefused("TargetNotFound", "no port \"53\""),
                new Row("none named where there are two", TestingServices.cluster("10.0.0.1", http, admin), slice, null)
                        .isRefused("TargetNotFound", "several ports: name one of http (80), admin (81)"),
                new Row("no port at all", TestingServices.cluster("None"), slice, null)
                        .isRefused("TargetNotFound", "no TCP port"),
                new Row("no address yet", TestingServices.cluster("", http), slice, null)
                        .isRefused("TargetNotFound", "no address"),
                new Row("no slice", service, null, null).isRefused("NoReadyEndpoint", "at port http (80)"),
                new Row("nothing ready", service, TestingServices.slice("http", 8080, Boolean.FALSE, "192.0.2.1"), null)
                        .isRefused("NoReadyEndpoint", "start its Pods"),
                new Row("a slice of other ports", service, TestingServices.slice("admin", 8081, "192.0.2.1"), null)
                        .isRefused("NoReadyEndpoint", "at port http (80)"),
                new Row("a slice of the other family", service, TestingServices.slice("http", 8080, "fd34::1"), null)
                        .isRefused("NoReadyEndpoint", "at port http (80)"),
                new Row("ExternalName", TestingServices.external("metadata.example.org"), slice, null)
                        .isRefused("TargetRefused", "of type ExternalName"),
                new Row("a forbidden ClusterIP", TestingServices.cluster("127.0.0.1", http), slice, null)
                        .isRefused("TargetRefused", "leads to 127.0.0.1, a loopback address"),
                new Row(
                                "a forbidden endpoint",
                                TestingServices.cluster("None", http),
                                TestingServices.slice("http", 80, "192.0.2.1", "169.254.169.254"),
                                null)
                        .isRefused("TargetRefused", "leads to 169.254.169.254, a cloud's metadata service"),
                new Row(
                                "a forbidden endpoint behind a ClusterIP",
                                service,
                                TestingServices.slice("http", 6443, "198.51.100.1"),
                                null)
                        .isRefused("TargetRefused", "leads to 198.51.100.1, an address of the API server"));
    }

    @ParameterizedTest
    @MethodSource
    void missing(Row row) {
        Obstacle obstacle = obstacle(judge(row.service(), row.slice(), row.port(), null));
        assertThat(obstacle.reason() + ": " + obstacle.message())
                .startsWith(row.expected() + ": Service shop/worker ")
                .contains(row.words())
                .endsWith(".");
        assertThat(obstacle.subject().object())
                .isEqualTo(new Obstacle.Subject(Obstacle.Kind.Service, "shop", "worker"));
        assertThat(obstacle.subject().part())
                .isEqualTo(row.port() == null ? "" : row.port().getValue().toString());
    }

    @Test
    void whoeverAsksForSomethingElseWaitsForSomethingElse() {
        assertThat(Stream.of(
                                query(null, null),
                                query(new IntOrString(80), null),
                                query(new IntOrString("http"), null),
                                query(new IntOrString(80), true),
                                query(new IntOrString(80), false))
                        .map(query -> obstacle(rules.judge(query, null, EndpointsSnapshot.NONE))))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @CsvSource({
        "http, , false",
        "https, , true",
        "https-public, , true",
        "httpsish, , false",
        "web, https, true",
        "web, HTTPS, true",
        "https, http, false",
        "https, kubernetes.io/h2c, false",
        "web, kubernetes.io/ws, false",
        "web, kubernetes.io/wss, true",
        "https, example.org/mine, true",
        "web, example.org/mine, false"
    })
    void thePortSaysWhetherToSpeakTls(String name, @Nullable String appProtocol, boolean https) {
        Service service = TestingServices.cluster("10.0.0.1", TestingServices.port(name, 80, appProtocol));
        EndpointSlice slice = TestingServices.slice(name, 8080, "192.0.2.1");
        assertThat(target(judge(service, slice, null, null)).https()).isEqualTo(https);
        assertThat(target(judge(service, slice, null, !https)).https())
                .as("scheme wins")
                .isEqualTo(!https);
    }

    @Test
    void theApiServerItselfIsRefusedEvenWhereItIsNotWatched() {
        var query = new TargetRules.Query("default", "kubernetes", null, null);
        assertThat(obstacle(rules.judge(query, null, EndpointsSnapshot.NONE)).reason())
                .isEqualTo(Obstacle.Reason.TargetRefused);
    }

    @Test
    void requestsSpreadOverAllReadyEndpointsOfAHeadlessService() {
        Service service = TestingServices.cluster("None", TestingServices.port("http", 80));
        var slices = endpoints(
                TestingServices.slice("http", 8080, "192.0.2.1"),
                TestingServices.slice("http", 8080, "192.0.2.2"),
                TestingServices.slice("http", 8080, "192.0.2.3"));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            seen.add(target(rules.judge(query(null, null), ServiceSnapshot.of(service), slices))
                    .address()
                    .getHostAddress());
        }
        assertThat(seen).containsExactlyInAnyOrder("192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    @Test
    void aHeadlessServiceIsCalledInItsFirstFamily() {
        Service service = TestingServices.cluster("None", TestingServices.port("http", 80));
        service.getSpec().setIpFamilies(List.of("IPv6", "IPv4"));
        var slices = endpoints(
                TestingServices.slice("http", 8080, "192.0.2.1"), TestingServices.slice("http", 8080, "fd34::1"));
        assertThat(target(rules.judge(query(null, null), ServiceSnapshot.of(service), slices))
                        .address())
                .isEqualTo(InetAddress.ofLiteral("fd34::1"));
        var ipv4Only = new TargetRules(policy(), Set.of(IpFamily.IPv4), new Random(7));
        assertThat(target(ipv4Only.judge(query(null, null), ServiceSnapshot.of(service), slices))
                        .address())
                .isEqualTo(InetAddress.ofLiteral("192.0.2.1"));
    }

    /** The operator's families, the Service's addresses, its ready endpoints, and the address that is dialled. */
    @ParameterizedTest
    @CsvSource({
        "IPv4 IPv6, fd00::1 10.0.0.1, 192.0.2.1, 10.0.0.1",
        "IPv4 IPv6, 10.0.0.1 fd00::1, fd34::1, fd00::1",
        "IPv4 IPv6, fd00::1 10.0.0.1, 192.0.2.1 fd34::1, fd00::1",
        "IPv4, fd00::1 10.0.0.1, 192.0.2.1 fd34::1, 10.0.0.1",
        "IPv6, 10.0.0.1 fd00::1, 192.0.2.1 fd34::1, fd00::1",
        "IPv4, fd00::1 10.0.0.1, fd34::1, fd00::1"
    })
    void aDualStackServiceIsCalledWhereItHasReadyEndpoints(
            String families, String addresses, String ready, String dialled) {
        Service service = TestingServices.cluster(addresses.split(" ", -1)[0], TestingServices.port("http", 80));
        service.getSpec().setClusterIPs(List.of(addresses.split(" ", -1)));
        var slices = endpoints(Stream.of(ready.split(" ", -1))
                .map(address -> TestingServices.slice("http", 8080, address))
                .toArray(EndpointSlice[]::new));
        var mine = Stream.of(families.split(" ", -1)).map(IpFamily::valueOf).collect(Collectors.toSet());
        Target target = target(new TargetRules(policy(), mine, new Random(7))
                .judge(query(null, null), ServiceSnapshot.of(service), slices));
        assertThat(target.address()).isEqualTo(InetAddress.ofLiteral(dialled));
        assertThat(target.port()).isEqualTo(80);
    }

    @Test
    void aDualStackServiceWithoutAnyReadyEndpointWaits() {
        Service service = TestingServices.cluster("fd00::1", TestingServices.port("http", 80));
        service.getSpec().setClusterIPs(List.of("fd00::1", "10.0.0.1"));
        assertThat(obstacle(rules.judge(query(null, null), ServiceSnapshot.of(service), EndpointsSnapshot.NONE))
                        .reason())
                .isEqualTo(Obstacle.Reason.NoReadyEndpoint);
    }

    @Test
    void aServiceForItsOwnNodeIsCalledAtAnEndpoint() {
        Service service = TestingServices.cluster("10.0.0.1", TestingServices.port("http", 80));
        service.getSpec().setInternalTrafficPolicy("Local");
        var slices = endpoints(TestingServices.slice("http", 8080, "192.0.2.1"));
        Target target = target(rules.judge(query(null, null), ServiceSnapshot.of(service), slices));
        assertThat(target.address()).isEqualTo(InetAddress.ofLiteral("192.0.2.1"));
        assertThat(target.port()).isEqualTo(8080);
        service.getSpec().setInternalTrafficPolicy("Cluster");
        assertThat(target(rules.judge(query(null, null), ServiceSnapshot.of(service), slices))
                        .address())
                .isEqualTo(InetAddress.ofLiteral("10.0.0.1"));
    }

    @Test
    void slicesOfNamesCountAsNothing() {
        EndpointSlice slice = TestingServices.slice("http", 8080, "192.0.2.1");
        slice.setAddressType("FQDN");
        assertThat(EndpointSliceSnapshot.of(slice).ready()).isEmpty();
    }

    @Test
    void anAddressThatNobodyCanReadIsLeftOut() {
        EndpointSlice slice = TestingServices.slice("http", 8080, "10.0.0.300", "192.0.2.1");
        assertThat(EndpointSliceSnapshot.of(slice).ready()).containsExactly(InetAddress.ofLiteral("192.0.2.1"));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1",
        "127.255.255.254",
        "::1",
        "0.0.0.0",
        "::",
        "169.254.0.1",
        "169.254.169.254",
        "fe80::1",
        "224.0.0.1",
        "ff02::1",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.51.100.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::c633:6401"
    })
    void whatOnlyTheOperatorCanReachIsRefusedUnlessItIsAllowed(String address) {
        InetAddress refused = InetAddress.ofLiteral(address);
        assertThat(policy().refusal(refused, 6443)).isPresent();
        Cidr exactly = Cidr.parse(address + (address.contains(":") ? "/128" : "/32"));
        assertThat(policy(exactly).refusal(refused, 6443)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1", "192.168.1.1", "172.16.0.1", "203.0.113.1", "fd12::1", "2001:db8::1", "64:ff9b::a00:1"})
    void whatPodsUseAmongThemselvesIsNotRefused(String address) {
        assertThat(policy().refusal(InetAddress.ofLiteral(address), 6443)).isEmpty();
    }

    private static AddressPolicy policy(Cidr... allowed) {
        return new AddressPolicy(List.of(allowed), (address, port) -> address.equals(API_SERVER) && port == 6443);
    }

    private static TargetRules rules() {
        return new TargetRules(policy(), EnumSet.allOf(IpFamily.class), new Random(7));
    }

    private static EndpointsSnapshot endpoints(EndpointSlice... slices) {
        EndpointsSnapshot all = EndpointsSnapshot.NONE;
        for (int i = 0; i < slices.length; i++) {
            all = all.with("worker-" + i, EndpointSliceSnapshot.of(slices[i]), () -> 1);
        }
        return all;
    }

    private static TargetRules.Query query(@Nullable IntOrString port, @Nullable Boolean https) {
        return new TargetRules.Query("shop", "worker", port, https);
    }

    private TargetResolution judge(
            @Nullable Service service,
            @Nullable EndpointSlice slice,
            @Nullable IntOrString port,
            @Nullable Boolean https) {
        return rules.judge(
                query(port, https),
                service == null ? null : ServiceSnapshot.of(service),
                slice == null ? EndpointsSnapshot.NONE : endpoints(slice));
    }

    private static Target target(TargetResolution resolution) {
        assertThat(resolution).isInstanceOf(TargetResolution.Found.class);
        return ((TargetResolution.Found) resolution).target();
    }

    private static Obstacle obstacle(TargetResolution resolution) {
        assertThat(resolution).isInstanceOf(TargetResolution.Missing.class);
        return ((TargetResolution.Missing) resolution).obstacle();
    }
}
