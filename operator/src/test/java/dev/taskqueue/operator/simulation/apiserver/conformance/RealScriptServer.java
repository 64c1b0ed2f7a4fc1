package dev.taskqueue.operator.simulation.apiserver.conformance;

import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.ApiRequest;
import dev.taskqueue.operator.testing.ControlPlane;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientImpl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Runs the conformance script on a control plane of its own, whose namespace controller runs. */
final class RealScriptServer implements ScriptServer {
    /** A watch that is read to its end, or until a bookmark, which comes shortly before the end. */
    private static final int SHORT_WATCH_SECONDS = 20;
    /** Any other watch: no machine is so slow that it ends before its lines are read. */
    private static final int LONG_WATCH_SECONDS = 600;

    /** For some time after a restart, watches get this code. */
    private static final int TOO_EARLY = 429;

    private final ControlPlane plane = ControlPlane.startOwn();
    private final OkHttpClient http;

    RealScriptServer() {
        plane.startControllers("namespace-controller", "serviceaccount-controller");
        http = ((OkHttpClientImpl) plane.client().getHttpClient()).getOkHttpClient();
    }

    @Override
    public ApiAnswer send(ApiRequest request) {
        try (Response response = http.newCall(http(request)).execute()) {
            Map<String, String> headers = new LinkedHashMap<>();
            response.headers().forEach(header -> headers.put(header.getFirst(), header.getSecond()));
            return new ApiAnswer(response.code(), headers, response.body().bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ApiAnswer sendUntil(ApiRequest request, int code) {
        var last = new AtomicReference<ApiAnswer>();
        Awaitility.await(request.path()).until(() -> {
            last.set(send(request));
            return last.get().code() == code;
        });
        return last.get();
    }

    private Request http(ApiRequest request) {
        HttpUrl.Builder url = HttpUrl.get(plane.url()).newBuilder().encodedPath(request.path());
        request.query().forEach(url::addQueryParameter);
        String token = plane.client().getConfiguration().getAutoOAuthToken();
        boolean hasBody = !request.method().equals("GET");
        return new Request.Builder()
                .url(url.build())
                .header("Authorization", "Bearer " + token)
                .header("Accept", request.accept())
                .method(
                        request.method(),
                        hasBody ? RequestBody.create(request.body(), MediaType.get(request.contentType())) : null)
                .build();
    }

    @Override
    public Lines watch(ApiRequest request) {
        Map<String, String> query = new LinkedHashMap<>(request.query());
        boolean isShort = query.containsKey("allowWatchBookmarks");
        query.put("timeoutSeconds", Integer.toString(isShort ? SHORT_WATCH_SECONDS : LONG_WATCH_SECONDS));
        var limited = new ApiRequest(
                request.user(), "GET", request.path(), query, request.accept(), request.contentType(), request.body());
        OkHttpClient patient =
                http.newBuilder().readTimeout(Duration.ofMinutes(2)).build();
        var opened = new AtomicReference<Response>();
        Awaitility.await("a watch").until(() -> {
            opened.set(patient.newCall(http(limited)).execute());
            return opened.get().code() != TOO_EARLY;
        });
        return new HttpLines(opened.get());
    }

    @Override
    public void restart() {
        plane.restartApiServer();
    }

    /** etcd forgets old versions; the restart makes the API server forget them, too. */
    @Override
    public void compactAndRestart() {
        long version =
                Long.parseLong(plane.client().namespaces().list().getMetadata().getResourceVersion());
        try (HttpClient client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(etcd() + "/v3/kv/compaction"))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"revision\":\"" + version + "\",\"physical\":true}"))
                    .build();
            int code =
                    client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (code != 200) {
                throw new IllegalStateException("etcd answered " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        restart();
    }

    /** The address of etcd is known from its command line only. */
    private String etcd() {
        String flag = "--advertise-client-urls=";
        return ProcessHandle.of(plane.processIds().getFirst())
                .flatMap(etcd -> etcd.info().arguments())
                .stream()
                .flatMap(java.util.Arrays::stream)
                .filter(argument -> argument.startsWith(flag))
                .findFirst()
                .orElseThrow()
                .substring(flag.length());
    }

    @Override
    public void close() {
        plane.close();
    }

    private record HttpLines(Response response) implements Lines {
        @Override
        public int code() {
            return response.code();
        }

        @Override
        public @Nullable String next() {
            try {
                return response.body().source().readUtf8Line();
            } catch (IOException cut) {
                return null;
            }
        }

        @Override
        public @Nullable String bookmark() {
            String line = next();
            while (line != null && !line.startsWith("{\"type\":\"BOOKMARK\"")) {
                line = next();
            }
            return line;
        }

        @Override
        public boolean staysSilent() {
            return next() == null;
        }

        @Override
        public void close() {
            response.close();
        }
    }
}
