package dev.taskqueue.gateway.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.taskqueue.gateway.mapping.ObjectJson;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over HTTP/2 with the gateway's own credentials, on the caller's thread. It repeats nothing by itself: a create that was sent twice
 * must be known to its caller.
 */
public final class OkHttpClusterTransport implements ClusterTransport, AutoCloseable {
    private static final String IMPERSONATE_USER = "Impersonate-User";
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PING = Duration.ofSeconds(15);
    private static final Duration WATCH_SILENCE = Duration.ofMinutes(6);
    private static final int CONNECTIONS = 4;
    private static final Map<String, MediaType> MEDIA_TYPES = Stream.of(ClusterRequest.JSON, ClusterRequest.MERGE_PATCH)
            .collect(Collectors.toUnmodifiableMap(type -> type, MediaType::get));

    private final OkHttpClient http;
    private final OkHttpClient patient;
    private final String server;
    private final AccountToken token;

    /** Connects to the API server of this configuration when the first request comes. */
    public OkHttpClusterTransport(Config config) {
        var builder = new OkHttpClient.Builder()
                .retryOnConnectionFailure(false)
                .followRedirects(false)
                .followSslRedirects(false)
                // Otherwise OkHttp connects on threads of its own.
                .fastFallback(false)
                .addNetworkInterceptor(new NoDelayInterceptor())
                .connectionSpecs(List.of(CipherOrder.spec(), ConnectionSpec.CLEARTEXT))
                .connectTimeout(CONNECT)
                .readTimeout(Duration.ZERO)
                .pingInterval(PING)
                .connectionPool(new ConnectionPool(CONNECTIONS, 5, TimeUnit.MINUTES));
        trust(config, builder);
        this.http = builder.build();
        this.patient = http.newBuilder().readTimeout(WATCH_SILENCE).build();
        String url = config.getMasterUrl();
        this.server = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.token = new AccountToken(config);
    }

    private static void trust(Config config, OkHttpClient.Builder builder) {
        try {
            TrustManager[] managers = SSLUtils.trustManagers(config);
            if (managers == null || managers.length == 0) {
                return;
            }
            builder.sslSocketFactory(SSLUtils.sslContext(config).getSocketFactory(), (X509TrustManager) managers[0]);
            if (config.isTrustCerts() || config.isDisableHostnameVerification()) {
                builder.hostnameVerifier((host, session) -> true);
            }
        } catch (GeneralSecurityException unreadable) {
            throw new IllegalStateException("The certificates for the API server cannot be read", unreadable);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The certificates for the API server cannot be read", unreadable);
        }
    }

    @Override
    public ClusterReply send(ClusterRequest request) throws IOException {
        Call call = http.newCall(okHttp(request));
        call.timeout().timeout(request.timeout().toNanos(), TimeUnit.NANOSECONDS);
        try (Response response = call.execute()) {
            return new ClusterReply(
                    response.code(),
                    json(response),
                    Optional.ofNullable(response.headers().getDate("Date")).map(Date::toInstant),
                    seconds(response.header("Retry-After")));
        }
    }

    private static JsonNode json(Response response) throws IOException {
        byte[] bytes = response.body().bytes();
        MediaType type = response.body().contentType();
        boolean isJson = type != null && type.subtype().equals("json");
        return isJson && bytes.length > 0 ? ObjectJson.read(bytes) : MissingNode.getInstance();
    }

    private static long seconds(@Nullable String retryAfter) {
        return retryAfter != null && retryAfter.matches("[0-9]{1,6}") ? Long.parseLong(retryAfter) : 0;
    }

    private Request okHttp(ClusterRequest request) {
        Request.Builder builder = new Request.Builder()
                .url(server + request.path())
                .header("Accept", ClusterRequest.JSON)
                .header("User-Agent", "taskqueue-gateway")
                .method(request.method(), body(request));
        String bearer = token.read();
        if (bearer != null) {
            builder.header("Authorization", "Bearer " + bearer);
        }
        String user = request.user();
        if (user != null) {
            builder.header(IMPERSONATE_USER, user);
        }
        return builder.build();
    }

    private static @Nullable RequestBody body(ClusterRequest request) {
        JsonNode body = request.body();
        return body == null ? null : RequestBody.create(ObjectJson.write(body), MEDIA_TYPES.get(request.contentType()));
    }

    @Override
    public Watch watch(String path) throws IOException {
        Call call = patient.newCall(okHttp(new ClusterRequest("GET", path, "", null, null, WATCH_SILENCE)));
        Response response = call.execute();
        if (response.code() != 200) {
            response.close();
            throw new IOException("The API server answers " + response.code() + " to a watch");
        }
        return new OkHttpWatch(call, response.body().source());
    }

    private record OkHttpWatch(Call call, BufferedSource lines) implements Watch {
        @Override
        public Optional<String> next() throws IOException {
            return Optional.ofNullable(lines.readUtf8Line());
        }

        @Override
        public void close() {
            call.cancel();
        }
    }

    @Override
    public void close() {
        http.dispatcher().cancelAll();
        http.connectionPool().evictAll();
    }
}
