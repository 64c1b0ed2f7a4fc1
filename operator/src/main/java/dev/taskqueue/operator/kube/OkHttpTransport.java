package dev.taskqueue.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientImpl;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Carries requests over the connections of a Fabric8 client, with its credentials, on the caller's thread. The typed calls of Fabric8 hand each request
 * from thread to thread and would cost several times as much.
 */
public final class OkHttpTransport implements ApiTransport {
    /** Parsed once: every Task needs them. */
    private static final Map<String, MediaType> MEDIA_TYPES = Stream.of(
                    ApiRequest.JSON, ApiRequest.MERGE_PATCH, ApiRequest.JSON_PATCH)
            .collect(Collectors.toUnmodifiableMap(type -> type, MediaType::get));

    private final OkHttpClient http;
    private final String master;

    /**
     * A transport that shares the connections of a client.
     *
     * @param client uses OkHttp; its settings for TLS, proxies and credentials apply here, too
     */
    public OkHttpTransport(KubernetesClient client) {
        OkHttpClient shared = ((OkHttpClientImpl) client.getHttpClient()).getOkHttpClient();
        this.http = shared.newBuilder()
                .connectionSpecs(CipherOrder.of(shared.connectionSpecs()))
                // Otherwise OkHttp connects on other threads, and an interrupt leads to a checked exception that nobody
                // declares.
                .fastFallback(false)
                .addInterceptor(new CredentialsInterceptor(client.getConfiguration(), System::nanoTime))
                .addNetworkInterceptor(new NoDelayInterceptor())
                .build();
        String url = client.getMasterUrl().toString();
        this.master = url.endsWith("/") ? url : url + "/";
    }

    @Override
    public Answer send(ApiRequest request, Duration timeout) throws IOException {
        Call call = http.newCall(okHttp(request));
        call.timeout().timeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
        return new OkHttpAnswer(call.execute());
    }

    private Request okHttp(ApiRequest request) {
        return new Request.Builder()
                .url(master + request.path())
                .header("Accept", request.accept())
                .method(request.method(), body(request))
                .build();
    }

    /** Makes the body from bytes, so that no charset is added to the media type. */
    private static @Nullable RequestBody body(ApiRequest request) {
        return request.contentType().isEmpty()
                ? null
                : RequestBody.create(request.body(), MEDIA_TYPES.get(request.contentType()));
    }

    @Override
    public Watch watch(String path, Duration silence) throws IOException {
        OkHttpClient patient = http.newBuilder().readTimeout(silence).build();
        Call call = patient.newCall(okHttp(ApiRequest.get(path)));
        Response response = call.execute();
        if (response.code() != 200) {
            response.close();
            throw new RefusedException(response.code(), "a watch");
        }
        return new OkHttpWatch(call, response.body().source());
    }

    private record OkHttpAnswer(Response response) implements Answer {
        @Override
        public int code() {
            return response.code();
        }

        @Override
        public Optional<Instant> date() {
            return Optional.ofNullable(response.headers().getDate("Date")).map(Date::toInstant);
        }

        @Override
        public Optional<String> retryAfter() {
            return Optional.ofNullable(response.header("Retry-After"));
        }

        @Override
        public InputStream body() {
            return response.body().byteStream();
        }

        @Override
        public byte[] bytes() throws IOException {
            return response.body().bytes();
        }

        @Override
        public void close() {
            response.close();
        }
    }

    private static final class OkHttpWatch implements Watch {
        private final Call call;
        private final BufferedSource events;

        OkHttpWatch(Call call, BufferedSource events) {
            this.call = call;
            this.events = events;
        }

        @Override
        public Optional<byte[]> next() throws IOException {
            long length = events.indexOf((byte) '\n');
            if (length < 0) {
                return Optional.empty();
            }
            byte[] line = events.readByteArray(length);
            events.skip(1);
            return Optional.of(line);
        }

        @Override
        public void cancel() {
            call.cancel();
        }

        @Override
        public void close() throws IOException {
            events.close();
        }
    }
}
