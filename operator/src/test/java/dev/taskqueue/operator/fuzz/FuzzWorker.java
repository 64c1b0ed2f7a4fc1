package dev.taskqueue.operator.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A worker that answers byte by byte as it is asked to. It has a virtual thread per connection, and remembers how often each Task arrived and the
 * last request of each.
 */
final class FuzzWorker implements AutoCloseable {
    private static final String BEARER = "Bearer ey";
    private static final long PAUSE_MS = 15;

    /**
     * The requests of one Task.
     *
     * @param first when the first one arrived
     * @param line of the last request
     * @param body of the last request, each byte as a character
     * @param headers of the last request, by lower-case names
     */
    record Arrivals(int count, Instant first, String line, String body, Map<String, String> headers) {
        static final Arrivals NONE = new Arrivals(0, Instant.MAX, "", "", Map.of());

        Arrivals and(Arrivals later) {
            return new Arrivals(count + later.count, first, later.line, later.body, later.headers);
        }
    }

    private final Function<String, RawAnswer> answers;
    private final Map<String, Arrivals> arrivals = new ConcurrentHashMap<>();
    private final Set<String> tokens = ConcurrentHashMap.newKeySet();
    private final Set<ServerSocket> listeners = ConcurrentHashMap.newKeySet();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** @param answers the answer to a Task of this name */
    FuzzWorker(Function<String, RawAnswer> answers) {
        this.answers = answers;
    }

    /** Listens on any free port of the address, and returns the port. */
    int listen(String address) {
        try {
            var listener = new ServerSocket(0, 2000, InetAddress.ofLiteral(address));
            listeners.add(listener);
            Thread.ofVirtual().start(() -> accept(listener));
            return listener.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The requests with this uid as their Idempotency-Key. */
    Arrivals arrivals(String uid) {
        return arrivals.getOrDefault(uid, Arrivals.NONE);
    }

    /** The tokens of ServiceAccounts that came with requests. */
    Set<String> tokens() {
        return Set.copyOf(tokens);
    }

    /** Forgets the requests, but not the tokens. */
    void forget() {
        arrivals.clear();
    }

    private void accept(ServerSocket listener) {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The worker was closed, so the thread ends.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new BufferedInputStream(socket.getInputStream());
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                if (!answer(socket, in, read(line, in))) {
                    return;
                }
            }
        } catch (IOException gone) {
            // The other end, or this worker, closed the connection.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(socket);
        }
    }

    /** Whether the connection is used again. */
    private boolean answer(Socket socket, InputStream in, Arrivals request) throws IOException, InterruptedException {
        String uid = request.headers().getOrDefault("idempotency-key", "");
        String authorization = request.headers().getOrDefault("authorization", "");
        if (authorization.startsWith(BEARER)) {
            tokens.add(authorization.substring(BEARER.length()));
        }
        arrivals.merge(uid, request, Arrivals::and);
        RawAnswer answer = answers.apply(name(request.headers()));
        boolean first = true;
        for (String piece : answer.pieces()) {
            if (!first) {
                Thread.sleep(PAUSE_MS);
            }
            first = false;
            socket.getOutputStream().write(piece.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        }
        switch (answer.end()) {
            case KEEP_OPEN -> {
                return true;
            }
            case CLOSE -> {}
            case RESET -> socket.setSoLinger(true, 0);
            case HANG -> in.skipNBytes(Long.MAX_VALUE);
        }
        return false;
    }

    private static String name(Map<String, String> headers) {
        return headers.getOrDefault("x-cloudtasks-taskname", headers.getOrDefault("x-appengine-taskname", ""));
    }

    private static Arrivals read(String line, InputStream in) throws IOException {
        Instant now = Instant.now();
        var headers = new ConcurrentHashMap<String, String>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            headers.put(
                    header.substring(0, colon).toLowerCase(Locale.ROOT),
                    header.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Arrivals(1, now, line, new String(body, ISO_8859_1), headers);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != -1 && b != '\n'; b = in.read()) {
            line.append((char) b);
        }
        return line.isEmpty() || line.charAt(line.length() - 1) != '\r' ? "" : line.substring(0, line.length() - 1);
    }

    @Override
    public void close() {
        try {
            for (ServerSocket listener : listeners) {
                listener.close();
            }
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
