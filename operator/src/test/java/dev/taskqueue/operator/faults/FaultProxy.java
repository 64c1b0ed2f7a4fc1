package dev.taskqueue.operator.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between the operator and a control plane. The operator connects by HTTP/1.1 without TLS, and the proxy uses the operator's credentials
 * towards the API server. It forwards everything unchanged, except for what its rules and switches say.
 */
public final class FaultProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final KubernetesClient upstream;
    private final Collection<FaultRule> rules = new ConcurrentLinkedQueue<>();
    private final List<ProxiedRequest> seen = new CopyOnWriteArrayList<>();
    private final Collection<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Collection<OpenWatch> watches = ConcurrentHashMap.newKeySet();
    private volatile boolean away;
    private volatile @Nullable Pattern swallowed;

    private volatile Duration delay = Duration.ZERO;
    private volatile CountDownLatch stall = new CountDownLatch(0);
    private volatile @Nullable Observer observer;

    /** Sees the requests and their answers instead of {@link #count}, for a run with more requests than fit into memory. */
    public interface Observer {
        /** The request is about to be forwarded. */
        void forwards(ProxiedRequest request);

        /** The API server has answered, whether or not the client will get the answer. */
        void answered(ProxiedRequest request, int code, byte[] body);

        /** The API server will not answer. It may have carried out the request. */
        void failed(ProxiedRequest request);
    }

    private record OpenWatch(String target, Socket client, InputStream events) implements Closeable {
        @Override
        public void close() throws IOException {
            client.close();
            events.close();
        }
    }

    public FaultProxy(Config credentials) throws IOException {
        listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        upstream = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(credentials)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        Thread.ofVirtual().start(this::accept);
    }

    /** The configuration of a client that uses this proxy. */
    public Config config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + listener.getLocalPort())
                .withOnlyHttpWatches(true)
                .withWatchReconnectInterval(100)
                .build();
    }

    /** The same as a kubeconfig, YAML, for a client in a separate process. */
    public String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                current-context: proxy
                contexts: [{name: proxy, context: {cluster: proxy, user: proxy}}]
                clusters: [{name: proxy, cluster: {server: "http://127.0.0.1:%d"}}]
                users: [{name: proxy, user: {}}]
                """.formatted(listener.getLocalPort());
    }

    /** The next {@code times} requests with this method meet the fault if {@code target}, a regular expression, is found in their path and query. */
    public FaultRule next(int times, String method, String target, Fault fault) {
        var rule = new FaultRule(times, method, target, fault);
        rules.add(rule);
        return rule;
    }

    /** From now on nothing meets this fault. */
    public void lift(FaultRule rule) {
        rules.remove(rule);
    }

    /** Ends open watches, and returns how many there were. */
    public int cutWatches(String target) throws IOException {
        Pattern pattern = Pattern.compile(target);
        int cut = 0;
        for (OpenWatch watch : watches) {
            if (pattern.matcher(watch.target()).find()) {
                watch.close();
                cut++;
            }
        }
        return cut;
    }

    /** From now on, watches of this target stay open and report nothing. */
    void swallow(String target) {
        swallowed = Pattern.compile(target);
    }

    /** Watches report again. Events that were swallowed are lost. */
    void tellAgain() {
        swallowed = null;
    }

    /** The API server is away: all connections end, and new connections end before anything is forwarded. */
    public void leave() throws IOException {
        away = true;
        cutWatches("");
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    public void comeBack() {
        away = false;
    }

    /** From now on this observer sees all requests, and they are not kept. */
    public void observe(Observer next) {
        observer = next;
    }

    /** From now on each request waits this long before it is forwarded. */
    public void delay(Duration next) {
        delay = next;
    }

    /** Nothing passes until {@link #flow}, in either direction. Connections stay open, and nothing is lost. */
    public void stall() {
        stall = new CountDownLatch(1);
    }

    /** Everything that was held up passes. */
    public void flow() {
        stall.countDown();
    }

    /** The number of such requests, including those that met a fault. */
    long count(String method, String target) {
        Pattern pattern = Pattern.compile(target);
        return seen.stream()
                .filter(request -> request.method().equals(method)
                        && pattern.matcher(request.target()).find())
                .count();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        flow();
        leave();
        upstream.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException end) {
            // The proxy was closed.
        }
    }

    private void serve(Socket socket) {
        sockets.add(socket);
        try (socket) {
            var in = new BufferedInputStream(socket.getInputStream());
            for (ProxiedRequest request = ProxiedRequest.read(in);
                    request != null && !away;
                    request = ProxiedRequest.read(in)) {
                if (observer == null) {
                    seen.add(request);
                }
                Thread.sleep(delay);
                stall.await();
                if (!answer(request, socket)) {
                    return;
                }
            }
        } catch (IOException end) {
            // One of the two ends has closed.
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(socket);
        }
    }

    /** Returns false if the connection is to end. */
    private boolean answer(ProxiedRequest request, Socket socket) throws IOException, InterruptedException {
        Fault fault = rules.stream()
                .filter(rule -> rule.claims(request))
                .findFirst()
                .map(FaultRule::fault)
                .orElse(null);
        OutputStream out = socket.getOutputStream();
        return switch (fault) {
            case null -> {
                if (request.isWatch()) {
                    stream(request, socket);
                    yield false;
                }
                HttpResponse<byte[]> response = forward(request);
                stall.await();
                write(out, response.code(), "", response.body());
                yield true;
            }
            case Fault.Answer answer -> {
                String status = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":" + answer.code() + "}";
                String header = answer.retryAfter() > 0 ? "Retry-After: " + answer.retryAfter() + "\r\n" : "";
                write(out, answer.code(), header, status.getBytes(UTF_8));
                yield true;
            }
            case Fault.DropBefore _ -> false;
            case Fault.DropAfter _ -> {
                forward(request);
                yield false;
            }
        };
    }

    private HttpResponse<byte[]> forward(ProxiedRequest request) throws IOException, InterruptedException {
        Observer seer = observer;
        if (seer != null) {
            seer.forwards(request);
        }
        try {
            HttpResponse<byte[]> response = send(request, byte[].class);
            if (seer != null) {
                seer.answered(request, response.code(), response.body() == null ? new byte[0] : response.body());
            }
            return response;
        } catch (IOException lost) {
            if (seer != null) {
                seer.failed(request);
            }
            throw lost;
        }
    }

    private static void write(OutputStream out, int code, String header, byte @Nullable [] body) throws IOException {
        byte[] bytes = body == null ? new byte[0] : body;
        String head = "HTTP/1.1 " + code + " X\r\nContent-Type: application/json\r\n" + header + "Content-Length: "
                + bytes.length + "\r\n\r\n";
        out.write(head.getBytes(UTF_8));
        out.write(bytes);
        out.flush();
    }

    private void stream(ProxiedRequest request, Socket socket) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = send(request, InputStream.class);
        OutputStream out = socket.getOutputStream();
        if (response.code() != 200) {
            write(out, response.code(), "", response.body().readAllBytes());
            return;
        }
        out.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
        out.flush();
        var watch = new OpenWatch(request.target(), socket, response.body());
        watches.add(watch);
        try (watch;
                var lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                stall.await();
                Pattern silent = swallowed;
                if (silent == null || !silent.matcher(request.target()).find()) {
                    out.write((line + "\n").getBytes(UTF_8));
                    out.flush();
                }
            }
        } finally {
            watches.remove(watch);
        }
    }

    private <T> HttpResponse<T> send(ProxiedRequest request, Class<T> type) throws IOException, InterruptedException {
        HttpClient http = upstream.getHttpClient();
        String master = upstream.getMasterUrl().toString().replaceAll("/$", "");
        HttpRequest.Builder builder = http.newHttpRequestBuilder()
                .uri(master + request.target())
                .setHeader("Accept", request.header("accept", "*/*"));
        if (type == InputStream.class) {
            builder.forStreaming();
        }
        if (!request.method().equals("GET")) {
            builder.method(
                    request.method(),
                    request.header("content-type", "application/json").replaceAll(";.*", ""),
                    request.body());
        }
        CompletableFuture<HttpResponse<T>> pending = http.sendAsync(builder.build(), type);
        try {
            return pending.get();
        } catch (ExecutionException failure) {
            throw new IOException("the API server is not there", failure.getCause());
        }
    }
}
