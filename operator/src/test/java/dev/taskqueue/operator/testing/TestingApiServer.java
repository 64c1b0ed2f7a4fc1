package dev.taskqueue.operator.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.kube.FieldOwner;
import dev.taskqueue.operator.kube.OkHttpTransport;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An API server by script. Each request, in the order of arrival, is answered by the next step. A request without a step waits for one. */
public final class TestingApiServer implements AutoCloseable {
    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?im)^content-length: *([0-9]+)");

    /** Answers one request. */
    public interface Step {
        void answer(Answer answer) throws IOException, InterruptedException;
    }

    /**
     * A request as it was received.
     *
     * @param target path and query
     */
    public record Request(String method, String target, String body) {
        @Override
        public String toString() {
            return method + " " + target;
        }
    }

    private final ServerSocket listener;
    private final KubernetesClient client;
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final Collection<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private volatile @Nullable Step rest;

    public TestingApiServer() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl("http://127.0.0.1:" + listener.getLocalPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        Thread.ofVirtual().start(this::accept);
    }

    public ApiClient api() {
        return new ApiClient(new OkHttpTransport(client), FieldOwner.ALONE, InstantSource.system());
    }

    public TestingApiServer then(Step step) {
        steps.add(step);
        return this;
    }

    /** The next step answers with this text. If it is {@code {}} and the code is an error, it answers with the API server's own Status. */
    public TestingApiServer then(int code, String json) {
        var reply = new Reply(code, json);
        return then(answer -> answer.json(reply.code(), reply.json()));
    }

    /** An answer. If the text is {@code {}} and the code is an error, it is the API server's own Status. */
    public record Reply(int code, String json) {
        public Reply {
            json = code >= 400 && json.equals("{}") ? "{\"kind\":\"Status\",\"code\":" + code + "}" : json;
        }
    }

    private record Rule(Predicate<Request> which, Function<Request, Reply> answer) {}

    /** Answers every request of this kind in this way, independent of the steps. The first matching rule counts. */
    public void then(Predicate<Request> which, Function<Request, Reply> answer) {
        rules.add(new Rule(which, answer));
    }

    /** Answers every request that has no step in this way. */
    public void forEver(int code, String json) {
        rest = answer -> answer.json(code, json);
    }

    /** The next request; waits for it. */
    public Request request() throws InterruptedException {
        Request request = requests.poll(30, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no request has come");
        }
        return request;
    }

    /** The body of the next request, which must be a PATCH. */
    public JsonNode thenPatched() throws InterruptedException {
        return then("PATCH");
    }

    /** The body of the next request, which must be a DELETE. */
    public JsonNode thenDeleted() throws InterruptedException {
        return then("DELETE");
    }

    /** The body of the next request, which must be a POST. */
    public JsonNode thenPosted() throws InterruptedException {
        return then("POST");
    }

    /** The next request must be a GET. */
    public void thenRead() throws InterruptedException {
        Request request = request();
        if (!request.method().equals("GET")) {
            throw new AssertionError(request + " is no GET");
        }
    }

    private JsonNode then(String method) throws InterruptedException {
        Request request = request();
        if (!request.method().equals(method)) {
            throw new AssertionError(request + " is no " + method);
        }
        return TestingTasks.json(request.body());
    }

    /** Whether a request has arrived that the test has not taken. */
    public boolean hasRequests() {
        return !requests.isEmpty();
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        client.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException end) {
            // The server was closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Request request = read(socket.getInputStream());
            requests.add(request);
            Reply reply = rules.stream()
                    .filter(rule -> rule.which().test(request))
                    .findFirst()
                    .map(rule -> rule.answer().apply(request))
                    .orElse(null);
            if (reply == null) {
                next().answer(new Answer(socket));
            } else {
                new Answer(socket).json(reply.code(), reply.json());
            }
        } catch (IOException end) {
            // The client or the step has closed the connection.
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private Step next() throws InterruptedException {
        Step next = steps.poll();
        Step otherwise = rest;
        if (next == null && otherwise != null) {
            return otherwise;
        }
        return next == null ? steps.take() : next;
    }

    private static Request read(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream();
        while (!bytes.toString(UTF_8).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("half a request");
            }
            bytes.write(next);
        }
        String head = bytes.toString(UTF_8);
        Matcher length = CONTENT_LENGTH.matcher(head);
        byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
        String[] line = head.substring(0, head.indexOf("\r\n")).split(" ", 3);
        return new Request(line[0], line[1], new String(body, UTF_8));
    }

    /** Writes the answer until the step ends. Then the connection is closed normally. */
    public final class Answer {
        private final Socket socket;

        Answer(Socket socket) {
            this.socket = socket;
        }

        public void json(int code, String json) throws IOException {
            write("HTTP/1.1 " + code + " X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                    + json.getBytes(UTF_8).length + "\r\n\r\n" + json);
        }

        /** Begins a stream that lasts until the connection ends. */
        public Answer stream() throws IOException {
            write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
            return this;
        }

        public Answer line(String json) throws IOException {
            return write(json.replace("\n", "") + "\n");
        }

        public Answer write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(UTF_8));
            socket.getOutputStream().flush();
            return this;
        }

        /** Ends the connection as if the other machine had died. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Sends nothing more, and returns when the client has closed the connection. */
        public void awaitHangUp() throws IOException {
            while (socket.getInputStream().read() >= 0) {
                Thread.onSpinWait();
            }
        }

        /** Sends nothing more while the test lasts. */
        public void hang() throws InterruptedException {
            closed.await();
        }
    }
}
