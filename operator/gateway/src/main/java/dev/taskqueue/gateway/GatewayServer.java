package dev.taskqueue.gateway;

import dev.taskqueue.gateway.auth.Authenticator;
import dev.taskqueue.gateway.auth.TokenAuthenticator;
import dev.taskqueue.gateway.auth.TokenExchange;
import dev.taskqueue.gateway.calls.LocationCalls;
import dev.taskqueue.gateway.calls.NamespaceResolver;
import dev.taskqueue.gateway.calls.PolicyCalls;
import dev.taskqueue.gateway.calls.QueueCalls;
import dev.taskqueue.gateway.calls.QueueChanges;
import dev.taskqueue.gateway.calls.RpcTable;
import dev.taskqueue.gateway.calls.TaskCalls;
import dev.taskqueue.gateway.calls.TaskCreation;
import dev.taskqueue.gateway.calls.TaskGroups;
import dev.taskqueue.gateway.cluster.AccessReviews;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterTransport;
import dev.taskqueue.gateway.cluster.QueueCache;
import dev.taskqueue.gateway.cluster.QueueWatchers;
import dev.taskqueue.gateway.mapping.MappingRules;
import dev.taskqueue.gateway.mapping.TaskObjectWriter;
import dev.taskqueue.gateway.ops.GatewayEndpoint;
import dev.taskqueue.gateway.ops.GatewayMeters;
import dev.taskqueue.gateway.wire.CallRunner;
import dev.taskqueue.gateway.wire.WireServer;
import dev.taskqueue.gateway.wire.WireSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A running gateway: builds all parts by hand, opens the ports, and closes everything in order. Several can run in one process. */
public final class GatewayServer implements AutoCloseable {
    private final GatewayMeters meters = new GatewayMeters(GatewayVersion.current());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final QueueWatchers watchers;
    private final Supplier<MappingRules> rules;
    private final WireServer wire;
    private final GatewayEndpoint endpoint;
    private final GatewaySettings settings;
    private final TaskGroups groups;
    private volatile boolean stopping;

    /**
     * Starts a gateway.
     *
     * @param transport to the API server, with the gateway's own account
     * @param rules the mapping; asked at each call
     * @throws IOException if a port cannot be opened or the certificate cannot be read
     */
    public GatewayServer(GatewaySettings settings, ClusterTransport transport, Supplier<MappingRules> rules)
            throws IOException {
        this(settings, transport, rules, InstantSource.system(), Thread::sleep);
    }

    /** The same with the clock and the pauses of a test. */
    GatewayServer(
            GatewaySettings settings,
            ClusterTransport transport,
            Supplier<MappingRules> rules,
            InstantSource clock,
            QueueChanges.Pause pause)
            throws IOException {
        this.settings = settings;
        var api = new ClusterClient(transport, settings.maxInFlight(), meters);
        var queues = new QueueCache(api);
        this.rules = rules;
        this.watchers = new QueueWatchers(api, transport, queues);
        var reviews = new AccessReviews(api);
        var resolver = new NamespaceResolver(rules, settings.namespaces(), mapping -> writer(mapping, api));
        this.groups = new TaskGroups(api, clock, threads, settings.maxInFlight(), meters);
        var queueCalls = new QueueCalls(api, resolver);
        var table = new RpcTable(
                new TaskCreation(api, groups, queues, reviews, resolver, clock),
                new TaskCalls(api, queues, resolver),
                queueCalls,
                new QueueChanges(api, queues, reviews, resolver, queueCalls, clock, pause),
                new PolicyCalls(reviews, resolver),
                new LocationCalls(resolver));
        Authenticator authenticator = settings.authentication()
                ? new TokenAuthenticator(api, settings.audiences(), settings.tokenCache(), clock, threads, meters)
                : Authenticator.NONE;
        var runner = new CallRunner(authenticator, settings.requestTimeout(), meters);
        try {
            this.wire = new WireServer(wireSettings(), table, runner, new TokenExchange(clock), meters);
        } catch (GeneralSecurityException unusable) {
            throw new IOException("The certificate and key in " + settings.tlsFolder() + " cannot be used", unusable);
        }
        this.endpoint = new GatewayEndpoint(address(settings), this::isReady, meters);
        followMapping();
        try {
            wire.start();
        } catch (IOException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private static InetSocketAddress address(GatewaySettings settings) throws IOException {
        return settings.bind().isEmpty()
                ? new InetSocketAddress(settings.httpPort())
                : new InetSocketAddress(InetAddress.getByName(settings.bind()), settings.httpPort());
    }

    private WireSettings wireSettings() {
        return new WireSettings(
                settings.bind(),
                settings.port(),
                settings.tlsFolder(),
                settings.plaintextPort(),
                settings.maxRequestBytes(),
                settings.requestTimeout(),
                settings.shutdownGrace(),
                settings.emulator());
    }

    /** Watches the namespaces of the rules in force; call it when they have changed. */
    void followMapping() {
        watchers.watch(
                settings.namespaces().isEmpty()
                        ? rules.get().fixedNamespaces().orElse(List.of(""))
                        : settings.namespaces());
    }

    private TaskObjectWriter writer(MappingRules mapping, ClusterClient api) {
        return new TaskObjectWriter(
                mapping,
                settings.limits(),
                (namespace, service) -> settings.firstLabels() && hasService(api, namespace, service),
                meters::unmappedTarget);
    }

    private boolean hasService(ClusterClient api, String namespace, String service) {
        String path = "/api/v1/namespaces/" + namespace + "/services/" + service;
        return api.get(CallContext.within(Caller.OWN, settings.requestTimeout()), path)
                .isOk();
    }

    /** What {@code /readyz} says. */
    boolean isReady() {
        return !stopping && watchers.areSynced();
    }

    /** The port of gRPC and REST in plaintext. */
    public int plaintextPort() {
        Objects.requireNonNull(settings.plaintextPort(), "there is no plaintext");
        return wire.ports().getFirst();
    }

    /** The port of gRPC and REST with TLS. */
    public int tlsPort() {
        Objects.requireNonNull(settings.port(), "there is no TLS");
        return wire.ports().getLast();
    }

    /** The port of health and metrics. */
    public int httpPort() {
        return endpoint.port();
    }

    /** The calls that wait until their TaskBatch is written. */
    long gathered() {
        return groups.awaited();
    }

    /** The numbers of this gateway. */
    GatewayMeters meters() {
        return meters;
    }

    /** Takes a certificate that has changed; null if it can be used, else why not. */
    @Nullable String reloadCertificate() {
        try {
            wire.reloadCertificate();
            return null;
        } catch (IOException | GeneralSecurityException unusable) {
            return "The certificate and key in " + settings.tlsFolder()
                    + " cannot be used; the ones before stay in force.";
        }
    }

    @Override
    public void close() {
        stopping = true;
        try {
            wire.close();
        } finally {
            watchers.close();
            endpoint.close();
            threads.close();
        }
    }
}
