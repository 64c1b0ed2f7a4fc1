package dev.taskqueue.operator.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A worker behind a Service. It records requests and answers as its script says; by default it answers 200. It uses bare sockets, so that headers are
 * recorded unchanged, and a virtual thread per connection, so that a thousand requests may hang.
 */
public final class RecordingWorker implements AutoCloseable {
    private static final int NO_CONTENT = 204;
    /** Not a code of HTTP: see {@link Answer#cut} and {@link Answer#never}. */
    private static final int CUT = 0;

    private static final int NEVER = -1;

    /** Answers a request. It runs on the request's own thread, so it may block. */
    public interface Script {
        Answer answer(Received request) throws InterruptedException;
    }

    /** An answer; its body is text in UTF-8. */
    public record Answer(int code, Map<String, String> headers, String body) {
        /** An answer without a body. */
        public Answer(int code, Map<String, String> headers) {
            this(code, headers, "");
        }

        public static Answer of(int code) {
            return new Answer(code, Map.of());
        }

        /** Closes the connection without an answer. */
        public static Answer cut() {
            return of(CUT);
        }

        /** Keeps the connection open without an answer, until the client closes it. */
        public static Answer never() {
            return of(NEVER);
        }
    }

    /** Sees every request instead of the list that {@link #received()} returns, for a run with more requests than fit into memory. */
    public interface Observer {
        /** Returns who opened this connection, whose first request is there; it is passed to {@link #received}. */
        String connected(Socket socket);

        /**
         * A whole request is there.
         *
         * @param id numbers the requests of this JVM
         */
        void received(long id, String from, Received request);

        /**
         * The answer is about to be sent.
         *
         * @param code 0 if there will be no answer
         */
        void answered(long id, int code);
    }

    /**
     * One request.
     *
     * @param at wall time at which its first line was there
     * @param nanos the same by {@link System#nanoTime}
     * @param line such as {@code POST /a?b=c HTTP/1.1}
     * @param headers by name, ignoring case; iterated in the order and spelling of the request
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Received(Instant at, long nanos, String line, Map<String, String> headers, byte[] body) {
        /** The value of a header; empty if there is none. The operator sends some headers with an empty value, so use {@link #headers} for those. */
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        public String task() {
            return header("X-CloudTasks-TaskName");
        }

        /** The uid of the Task's object. */
        public String uid() {
            return header("Idempotency-Key");
        }

        /** The number of the attempt; 1 is the first. */
        public int attempt() {
            return Integer.parseInt(header("TaskQueue-Attempt"));
        }

        /** The body as text. */
        public String text() {
            return new String(body, java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    private static final AtomicLong IDS = new AtomicLong();

    private final ServerSocket listener;
    private final List<Received> received = new ArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();
    private volatile Script script = request -> Answer.of(200);
    private volatile Observer observer = new Keeper();

    /** Keeps all requests in memory. */
    private final class Keeper implements Observer {
        @Override
        public String connected(Socket socket) {
            return "";
        }

        @Override
        public void received(long id, String from, Received request) {
            synchronized (received) {
                received.add(request);
            }
        }

        @Override
        public void answered(long id, int code) {}
    }

    /** Listens on this port. Port 0 means any free port. */
    RecordingWorker(ServerSocketFactory sockets, String address, int port) {
        try {
            listener = sockets.createServerSocket(port, 2000, InetAddress.ofLiteral(address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public String address() {
        return listener.getInetAddress().getHostAddress();
    }

    public int port() {
        return listener.getLocalPort();
    }

    public void script(Script next) {
        script = next;
    }

    /** From now on this observer sees the requests of new connections, and they are not kept. */
    public void observe(Observer next) {
        observer = next;
    }

    /** Answers each Task's first request with the first code, its second request with the second code, and so on. The last code stays. */
    public void codes(int... codes) {
        var counts = new ConcurrentHashMap<String, Integer>();
        script = request -> Answer.of(codes[Math.min(codes.length, counts.merge(request.task(), 1, Integer::sum)) - 1]);
    }

    /** From now on this function chooses the codes of all answers. */
    public void answers(ToIntFunction<Received> code) {
        script = request -> Answer.of(code.applyAsInt(request));
    }

    /**
     * From now on answers to the Task with this uid wait until the latch is opened. Its queue must be paused until then: otherwise its first request may have been
     * answered before.
     */
    public CountDownLatch hold(String uid) {
        return held.computeIfAbsent(uid, key -> new CountDownLatch(1));
    }

    /** How often the Task with this uid arrived. */
    public int count(String uid) {
        return (int)
                received().stream().filter(request -> request.uid().equals(uid)).count();
    }

    public List<Received> received() {
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    /** The requests that arrived for one Task. */
    public List<Received> received(String task) {
        return received().stream()
                .filter(request -> request.task().equals(task))
                .toList();
    }

    /** The Tasks whose requests arrived, in the order of arrival. */
    public List<String> tasks() {
        return received().stream().map(Received::task).toList();
    }

    /** How many requests have arrived and are not answered. */
    public int open() {
        return open.get();
    }

    /** The largest number of open requests so far. */
    public int peak() {
        return peak.get();
    }

    /** From now on connections are refused. */
    @Override
    public void close() {
        held.values().forEach(CountDownLatch::countDown);
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setTcpNoDelay(true);
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The worker was closed, so the thread ends.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Observer seer = observer;
            @Nullable String from = null;
            var in = new BufferedInputStream(socket.getInputStream());
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                Received request = read(line, in);
                long id = IDS.incrementAndGet();
                if (from == null) {
                    from = seer.connected(socket);
                }
                // This comes before the request is recorded, so that a test that sees the request also sees it in the
                // peak.
                peak.accumulateAndGet(open.incrementAndGet(), Math::max);
                seer.received(id, from, request);
                Answer answer;
                try {
                    answer = answer(request, in);
                } finally {
                    // This comes before the answer is sent: the request that follows the answer must not be counted
                    // together with this one.
                    open.decrementAndGet();
                }
                seer.answered(id, answer.code());
                if (answer.code() == CUT) {
                    return;
                }
                byte[] body = answer.body().getBytes(UTF_8);
                socket.getOutputStream().write(head(answer, body.length).getBytes(ISO_8859_1));
                socket.getOutputStream().write(body);
            }
        } catch (IOException gone) {
            // The other end, or this worker, closed the connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(socket);
        }
    }

    private Answer answer(Received request, InputStream in) throws IOException, InterruptedException {
        CountDownLatch latch = held.get(request.uid());
        if (latch != null) {
            latch.await();
        }
        Answer answer = script.answer(request);
        if (answer.code() != NEVER) {
            return answer;
        }
        // Nothing comes after the request, so this ends with the connection.
        in.skip(Long.MAX_VALUE);
        return Answer.cut();
    }

    private static Received read(String line, InputStream in) throws IOException {
        Instant at = Instant.now();
        long nanos = System.nanoTime();
        var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            if (colon < 0) {
                throw new IOException("This is no HTTP");
            }
            headers.merge(
                    header.substring(0, colon), header.substring(colon + 1).strip(), (one, two) -> one + ", " + two);
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        return new Received(at, nanos, line, headers, body);
    }

    /** Reads a line without its CRLF; empty at the end of the stream. */
    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != -1 && b != '\n'; b = in.read()) {
            line.append((char) b);
        }
        return line.toString().stripTrailing();
    }

    private static String head(Answer answer, int length) {
        var head = new StringBuilder("HTTP/1.1 " + answer.code() + " As Scripted\r\n");
        answer.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        if (answer.code() != NO_CONTENT) {
            head.append("Content-Length: ").append(length).append("\r\n");
        }
        return head.append("\r\n").toString();
    }
}
