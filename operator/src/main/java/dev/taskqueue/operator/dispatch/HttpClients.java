package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import java.net.Proxy;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.Authenticator;
import okhttp3.ConnectionPool;
import okhttp3.CookieJar;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/**
 * Makes OkHttp clients that send nothing by themselves: no retry, redirect, authentication, cookie, cache or proxy, no unpacking. There is one client
 * for the system's trust store, and one for each CA bundle in use. All share one pool.
 */
final class HttpClients {
    /** An address in the cluster that has not answered by then does not answer. The request's deadline may end the wait earlier. */
    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** As many as requests may be in flight: under load a smaller pool would close connections only to open them again. */
    private static final int MAX_IDLE = 10_000;

    private final ConnectionPool pool;
    private final OkHttpClient systemTrust;

    /** A dropped bundle only costs new connections when it comes back. */
    private final CertificateCache<CaBundle, OkHttpClient> ownTrust =
            new CertificateCache<>((bundle, _) -> bundle.certificates().size());

    /**
     * Makes the clients.
     *
     * @param keepAlive applies {@code limits} to each connection
     */
    HttpClients(ConnectionLimits limits, KeepAlive keepAlive) {
        pool = new ConnectionPool(MAX_IDLE, limits.idle().toNanos(), TimeUnit.NANOSECONDS);
        systemTrust = new OkHttpClient.Builder()
                .connectionPool(pool)
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false)
                .authenticator(Authenticator.NONE)
                .proxyAuthenticator(Authenticator.NONE)
                .proxy(Proxy.NO_PROXY)
                .cookieJar(CookieJar.NO_COOKIES)
                .cache(null)
                // Over HTTP/2, all requests to a ClusterIP would go to one pod.
                .protocols(List.of(Protocol.HTTP_1_1))
                // This would dial on platform threads.
                .fastFallback(false)
                .socketFactory(new ChannelSocketFactory())
                .connectTimeout(CONNECT_TIMEOUT)
                // The call's own timeout, the deadline, covers reading and writing.
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .eventListenerFactory(CallProgress::of)
                .addInterceptor(new TargetAddressInterceptor(keepAlive))
                .addNetworkInterceptor(new SendOnceInterceptor(keepAlive, new BodyReader(limits.body())))
                .build();
    }

    OkHttpClient of(OutboundRequest.Security security) {
        return switch (security) {
            case OutboundRequest.Security.Plain() -> systemTrust;
            case OutboundRequest.Security.Tls(CaBundle trust, var serverName) ->
                trust == null ? systemTrust : trusting(trust);
        };
    }

    /** Returns the same client every time, because a pooled connection is reused only with the same socket factory. */
    private synchronized OkHttpClient trusting(CaBundle bundle) {
        OkHttpClient client = ownTrust.get(bundle);
        if (client == null) {
            client = trustingAnew(bundle);
            ownTrust.add(bundle, client);
        }
        return client;
    }

    private OkHttpClient trustingAnew(CaBundle bundle) {
        try {
            X509TrustManager manager = bundle.trustManager();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager}, null);
            return systemTrust
                    .newBuilder()
                    .sslSocketFactory(context.getSocketFactory(), manager)
                    .build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("This Java cannot trust parsed certificates", e);
        }
    }

    /** Closes idle connections. */
    void closeIdle() {
        pool.evictAll();
    }
}
