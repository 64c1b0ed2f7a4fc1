package dev.taskqueue.gateway.wire;

import dev.taskqueue.gateway.auth.TokenExchange;
import dev.taskqueue.gateway.calls.RpcTable;
import dev.taskqueue.gateway.cluster.CipherOrder;
import dev.taskqueue.gateway.ops.GatewayMeters;
import io.grpc.servlet.jakarta.ServletServerBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port: Jetty with HTTP/1.1 and HTTP/2, in plaintext and with TLS, and the servlet that serves gRPC and REST. No other class knows Jetty. */
public final class WireServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WireServer.class);
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final int MOST_HEADER_BYTES = 32 * 1024;
    private static final int MOST_STREAMS = 1_000;
    private static final int THREADS = 32;

    private final Server server;
    private final CallRunner runner;
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledExecutorService timers;
    private final List<ServerConnector> connectors = new ArrayList<>();
    private final @Nullable TlsFiles tls;
    private final SslContextFactory.@Nullable Server certificates;

    /** Builds the server; {@link #start} opens its ports. */
    public WireServer(
            WireSettings settings, RpcTable table, CallRunner runner, TokenExchange exchange, GatewayMeters meters)
            throws IOException, GeneralSecurityException {
        this.runner = runner;
        CancelLog.install(meters);
        var threads = new QueuedThreadPool(THREADS);
        threads.setName("wire");
        threads.setVirtualThreadsExecutor(calls);
        this.server = new Server(threads);
        this.timers = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("deadlines").factory());
        this.tls = settings.tlsPort() == null ? null : new TlsFiles(Objects.requireNonNull(settings.tlsFolder()));
        this.certificates = tls == null ? null : certificates(tls);
        connectors(settings);
        server.setHandler(new GracefulHandler(context(settings, table, exchange, meters)));
        server.setErrorHandler(new JsonErrorHandler());
        server.setStopTimeout(settings.shutdownGrace().toMillis());
    }

    private static SslContextFactory.Server certificates(TlsFiles files) throws IOException, GeneralSecurityException {
        var factory = new SslContextFactory.Server();
        TlsFiles.Content content = files.read();
        factory.setKeyStore(TlsFiles.keyStore(content));
        files.take(content);
        factory.setKeyStorePassword(TlsFiles.PASSWORD);
        // Clients reach the gateway under Google's name, under those of its Service, or by its address.
        factory.setSniRequired(false);
        factory.setUseCipherSuitesOrder(true);
        factory.setCipherComparator(CipherOrder.CHEAPEST_FIRST);
        return factory;
    }

    private void connectors(WireSettings settings) {
        HttpConfiguration http = configuration();
        Integer plaintext = settings.plaintextPort();
        if (plaintext != null) {
            connector(
                    settings,
                    plaintext,
                    new HttpConnectionFactory(http),
                    bounded(new HTTP2CServerConnectionFactory(http)));
        }
        Integer port = settings.tlsPort();
        if (port != null) {
            var http1 = new HttpConnectionFactory(http);
            var http2 = bounded(new HTTP2ServerConnectionFactory(http));
            var alpn = new ALPNServerConnectionFactory();
            alpn.setDefaultProtocol(http1.getProtocol());
            var ssl = new SslConnectionFactory(Objects.requireNonNull(certificates), alpn.getProtocol());
            connector(settings, port, ssl, alpn, http2, http1);
        }
    }

    private static HttpConfiguration configuration() {
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(MOST_HEADER_BYTES);
        http.setIdleTimeout(IDLE.toMillis());
        // What is refused in a path is refused by the REST layer, in Google's form.
        http.setUriCompliance(UriCompliance.UNSAFE);
        return http;
    }

    private static AbstractHTTP2ServerConnectionFactory bounded(AbstractHTTP2ServerConnectionFactory http2) {
        http2.setMaxConcurrentStreams(MOST_STREAMS);
        http2.setRateControlFactory(new FrameRateControl.Factory());
        http2.setStreamIdleTimeout(IDLE.toMillis());
        return http2;
    }

    private void connector(WireSettings settings, int port, ConnectionFactory... protocols) {
        var connector = new ServerConnector(server, 1, 1, protocols);
        connector.setPort(port);
        if (!settings.bind().isEmpty()) {
            connector.setHost(settings.bind());
        }
        connector.setIdleTimeout(IDLE.toMillis());
        server.addConnector(connector);
        connectors.add(connector);
    }

    private ServletContextHandler context(
            WireSettings settings, RpcTable table, TokenExchange exchange, GatewayMeters meters) {
        var services = new GrpcServices(table, runner, meters);
        var grpc = new ServletServerBuilder()
                .executor(calls)
                .scheduledExecutorService(timers)
                .maxInboundMessageSize(settings.mostRequestBytes())
                .fallbackHandlerRegistry(new UnknownMethods())
                .intercept(services.authentication());
        services.all().forEach(grpc::addService);
        var bodies = new RequestBodies(settings.mostRequestBytes(), settings.longestBody());
        var rest = new RestHandler(table, runner, bodies, settings.emulator());
        var holder = new ServletHolder(
                new FrontServlet(grpc.buildServletAdapter(), rest, exchange, bodies, settings.emulator()));
        holder.setAsyncSupported(true);
        var context = new ServletContextHandler();
        context.setContextPath("/");
        context.getServletHandler().setDecodeAmbiguousURIs(true);
        context.addServlet(holder, "/*");
        context.setErrorHandler(new JsonErrorHandler());
        return context;
    }

    /** Opens the ports. */
    public void start() throws IOException {
        try {
            server.start();
        } catch (IOException taken) {
            throw taken;
        } catch (Exception failure) {
            throw new IllegalStateException("The port cannot be opened", failure);
        }
    }

    /** The ports that are open, plaintext first. */
    public List<Integer> ports() {
        return connectors.stream().map(ServerConnector::getLocalPort).toList();
    }

    /** Takes a certificate that has changed; what is open stays open. */
    public void reloadCertificate() throws IOException, GeneralSecurityException {
        TlsFiles files = tls;
        SslContextFactory.Server factory = certificates;
        if (files == null || factory == null) {
            return;
        }
        TlsFiles.Content content = files.read();
        if (!files.isNew(content)) {
            return;
        }
        var store = TlsFiles.keyStore(content);
        try {
            factory.reload(changed -> changed.setKeyStore(store));
        } catch (Exception unusable) {
            throw new GeneralSecurityException(unusable);
        }
        files.take(content);
    }

    /** Refuses new calls, waits for those in flight, then closes the ports. */
    @Override
    public void close() {
        runner.stop();
        try {
            server.stop();
        } catch (TimeoutException late) {
            // Everything is closed nevertheless.
            LOG.warn("Calls that took longer than the grace period were cut off");
        } catch (Exception failure) {
            throw new IllegalStateException("The server does not stop in order", failure);
        } finally {
            calls.close();
            timers.shutdownNow();
        }
    }
}
