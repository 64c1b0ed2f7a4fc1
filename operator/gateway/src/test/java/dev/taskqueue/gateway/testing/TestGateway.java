package dev.taskqueue.gateway.testing;

import com.google.cloud.location.LocationsGrpc;
import com.google.cloud.tasks.v2.CloudTasksGrpc;
import dev.taskqueue.gateway.GatewayServer;
import dev.taskqueue.gateway.GatewaySettings;
import dev.taskqueue.gateway.cluster.ClusterTransport;
import dev.taskqueue.gateway.mapping.MappingReader;
import dev.taskqueue.gateway.mapping.MappingRules;
import dev.taskqueue.gateway.mapping.TaskLimits;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

/** A gateway on loopback, in plaintext and with authentication, and clients for it. */
public final class TestGateway implements AutoCloseable {
    /** Leads the project {@code demo} to the namespace {@code shop}. */
    public static final String MAPPING = """
            namespaces: [{project: demo, location: "*", namespace: shop}]
            locations: [us-central1]
            targets: [{namespace: shop, urlPrefix: "https://my-worker.run.app/", serviceRef: {name: my-worker, port: http}, pathPrefix: /}]
            appEngine: [{namespace: shop, service: worker, version: v2, serviceRef: {name: worker-v2, port: http}}]
            oidc: [{namespace: shop, email: sa@demo.iam.gserviceaccount.com, serviceAccount: task-dispatcher}]
            """;

    public static final String PARENT = "projects/demo/locations/us-central1";
    public static final String AUDIENCE = "taskqueue-gateway";

    private final GatewayServer server;
    private final ManagedChannel channel;
    private final HttpClient http = HttpClient.newHttpClient();

    public TestGateway(ClusterTransport cluster, MappingRules rules) {
        this(cluster, () -> rules, settings());
    }

    /** With rules that may change, and settings of one's own; they must open a port for plaintext. */
    public TestGateway(ClusterTransport cluster, Supplier<MappingRules> rules, GatewaySettings settings) {
        try {
            server = new GatewayServer(settings, cluster, rules);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.plaintextPort())
                .usePlaintext()
                .build();
    }

    /** Settings with free ports and tokens. */
    public static GatewaySettings settings() {
        return settings(Duration.ofMinutes(1));
    }

    /** The same with tokens that count for so long. */
    public static GatewaySettings settings(Duration tokenCache) {
        return settings(tokenCache, Duration.ofSeconds(20));
    }

    /** The same with calls that may take so long. */
    public static GatewaySettings settings(Duration tokenCache, Duration requestTimeout) {
        return settings(tokenCache, requestTimeout, Duration.ofSeconds(5));
    }

    /** The same with calls that may go on so long at a stop. */
    public static GatewaySettings settings(Duration tokenCache, Duration requestTimeout, Duration grace) {
        return new GatewaySettings(
                null,
                0,
                0,
                "127.0.0.1",
                null,
                true,
                Set.of(AUDIENCE),
                tokenCache,
                Set.of(),
                64,
                1_572_864,
                requestTimeout,
                new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)),
                grace,
                false,
                false);
    }

    /** Reads rules that must be right. */
    public static MappingRules rules(String yaml) {
        return switch (MappingReader.read(yaml)) {
            case MappingReader.Reading.Valid valid -> valid.rules();
            case MappingReader.Reading.Invalid invalid ->
                throw new IllegalArgumentException(invalid.errors().toString());
        };
    }

    public GatewayServer server() {
        return server;
    }

    /** The URL of the port. */
    public String url() {
        return "http://127.0.0.1:" + server.plaintextPort();
    }

    public ManagedChannel channel() {
        return channel;
    }

    /** A gRPC client with a token. */
    public CloudTasksGrpc.CloudTasksBlockingStub tasks(String token) {
        return CloudTasksGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer(token)));
    }

    public LocationsGrpc.LocationsBlockingStub locations(String token) {
        return LocationsGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer(token)));
    }

    private static Metadata bearer(String token) {
        var headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return headers;
    }

    /** A request over REST; {@code headers} are names and values in turn. */
    public HttpResponse<String> rest(String method, String path, String token, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopping);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        http.close();
        server.close();
    }
}
