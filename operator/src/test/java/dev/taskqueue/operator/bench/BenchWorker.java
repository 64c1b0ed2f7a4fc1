package dev.taskqueue.operator.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * A worker that answers at once and records when the first byte of each Task arrived. It is as small as possible, because its CPU is not to be
 * measured.
 */
final class BenchWorker implements AutoCloseable {
    private static final int PORT = 8080;
    private static final int BACKLOG = 1024;

    private final ServerSocket server;
    private final byte[] answer;
    private final Map<String, Long> firstAt = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Consumer<String> onFirst = task -> {};

    /** Listens on an address of the API server's Service range. */
    BenchWorker(String address, int status) {
        answer = "HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n"
                .formatted(status)
                .getBytes(US_ASCII);
        try {
            server = new ServerSocket(PORT, BACKLOG, InetAddress.getByName(address));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Microseconds of the wall clock. Both ends of a measurement read this clock. */
    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    static int port() {
        return PORT;
    }

    /** Sets the action for the first arrival of a Task. */
    void onFirst(Consumer<String> action) {
        onFirst = action;
    }

    /** Forgets all arrivals. */
    void reset() {
        firstAt.clear();
        requests.set(0);
        onFirst = task -> {};
    }

    int tasks() {
        return firstAt.size();
    }

    int duplicates() {
        return requests.get() - firstAt.size();
    }

    /** When the first byte of a Task arrived, in {@link #micros}. */
    long firstAt(String task) {
        return Objects.requireNonNull(firstAt.get(task), () -> task + " never came");
    }

    /**
     * The arrival of the Task that ended the longest pause, in {@link #micros}.
     *
     * @param from only pauses that began within a second from this time count; in {@link #micros}
     */
    long endOfLongestPause(long from) {
        long[] arrivals =
                firstAt.values().stream().mapToLong(Long::longValue).sorted().toArray();
        int end = IntStream.range(1, arrivals.length)
                .filter(i -> arrivals[i] > from && arrivals[i - 1] < from + 1_000_000)
                .boxed()
                .max(Comparator.comparingLong(i -> arrivals[i] - arrivals[i - 1]))
                .orElseThrow();
        return arrivals[end];
    }

    void await(int tasks, Duration atMost) {
        Awaitility.await(tasks + " Tasks at the sink")
                .pollInterval(Duration.ofMillis(5))
                .pollDelay(Duration.ZERO)
                .atMost(atMost)
                .until(() -> firstAt.size() >= tasks);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream()) {
            var line = new ByteArrayOutputStream();
            for (int first = in.read(); first >= 0; first = in.read()) {
                long at = micros();
                line.write(first);
                take(in, line, at);
                out.write(answer);
            }
        } catch (IOException gone) {
            // The operator closed an idle connection, or ended.
        }
    }

    private void take(InputStream in, ByteArrayOutputStream line, long at) throws IOException {
        String task = "";
        int length = 0;
        for (String header = line(in, line); !header.isEmpty(); header = line(in, line)) {
            int colon = header.indexOf(':');
            switch (colon < 0 ? "" : header.substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "x-cloudtasks-taskname" ->
                    task = header.substring(colon + 1).strip();
                case "content-length" ->
                    length = Integer.parseInt(header.substring(colon + 1).strip());
                default -> {}
            }
        }
        in.skipNBytes(length);
        requests.incrementAndGet();
        if (firstAt.putIfAbsent(task, at) == null) {
            onFirst.accept(task);
        }
    }

    private static String line(InputStream in, ByteArrayOutputStream line) throws IOException {
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the request ended within its head");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        String text = line.toString(US_ASCII);
        line.reset();
        return text;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
