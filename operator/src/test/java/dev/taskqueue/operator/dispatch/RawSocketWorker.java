package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;

/**
 * A worker on a bare socket. It records every request byte by byte, and can misbehave in any way that its script says. It has one virtual thread per
 * connection.
 */
final class RawSocketWorker implements AutoCloseable {
    static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?im)^content-length: *([0-9]+)");

    /** Handles a request after it was read. */
    interface Script {
        void answer(Conversation conversation, Received request)
                throws IOException, InterruptedException, BrokenBarrierException;
    }

    /**
     * One request.
     *
     * @param connection 1 is the first that was accepted
     * @param head request line and headers, with the empty line
     */
    record Received(int connection, String head, String body) {
        String line() {
            return head.substring(0, head.indexOf("\r\n"));
        }

        /** The values of all headers of that name. */
        List<String> header(String name) {
            return head.lines()
                    .skip(1)
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .toList();
        }
    }

    private final ServerSocket listener;
    private final Script script;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<Conversation> conversations = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final Thread acceptor;
    private volatile int lastPort;

    private RawSocketWorker(ServerSocket listener, Script script) {
        this.listener = listener;
        this.script = script;
        acceptor = Thread.ofVirtual().start(this::accept);
    }

    static RawSocketWorker that(Script script) throws IOException {
        return on("127.0.0.1", 0, ServerSocketFactory.getDefault(), script);
    }

    /** Writes {@code answer} after each request and keeps the connection open. */
    static RawSocketWorker answering(String answer) throws IOException {
        return that((conversation, request) -> conversation.write(answer));
    }

    static RawSocketWorker on(String address, int port, ServerSocketFactory sockets, Script script) throws IOException {
        return new RawSocketWorker(sockets.createServerSocket(port, 1000, InetAddress.ofLiteral(address)), script);
    }

    int port() {
        return listener.getLocalPort();
    }

    InetAddress address() {
        return listener.getInetAddress();
    }

    List<Received> received() {
        return List.copyOf(received);
    }

    /** Waits until the other end has closed connection {@code number}. */
    void awaitEnd(int number) throws InterruptedException {
        conversations.get(number - 1).thread.join();
    }

    /** Ends every {@code hang}. */
    void release() {
        released.countDown();
    }

    /** All requests since the start. Returns once the clients have closed every connection that they had opened. */
    List<Received> finish() throws IOException, InterruptedException {
        // This connection is the last in the queue, so every earlier connection was accepted before it.
        try (var last = new Socket()) {
            last.bind(null);
            lastPort = last.getLocalPort();
            last.connect(new InetSocketAddress(address(), port()));
            acceptor.join();
        }
        for (Conversation conversation : conversations) {
            conversation.thread.join();
        }
        return received();
    }

    int connections() {
        return conversations.size();
    }

    @Override
    public void close() throws IOException {
        release();
        listener.close();
        for (Conversation conversation : conversations) {
            conversation.socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                if (socket.getPort() == lastPort) {
                    socket.close();
                    return;
                }
                conversations.add(new Conversation(socket, conversations.size() + 1));
            }
        } catch (IOException e) {
            // The socket was closed.
        }
    }

    /** One accepted connection. */
    final class Conversation {
        private final Socket socket;
        private final int number;
        private final Thread thread;

        Conversation(Socket socket, int number) {
            this.socket = socket;
            this.number = number;
            thread = Thread.ofVirtual().start(this::run);
        }

        int number() {
            return number;
        }

        Socket socket() {
            return socket;
        }

        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
        }

        void close() throws IOException {
            socket.close();
        }

        /** Ends the connection with an RST. */
        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Sends nothing more until {@link RawSocketWorker#release}. */
        void hang() throws InterruptedException {
            released.await();
        }

        private void run() {
            try (socket) {
                InputStream in = socket.getInputStream();
                while (true) {
                    String head = readHead(in);
                    if (head.isEmpty()) {
                        return;
                    }
                    Matcher length = CONTENT_LENGTH.matcher(head);
                    byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
                    var request = new Received(number, head, new String(body, StandardCharsets.ISO_8859_1));
                    received.add(request);
                    script.answer(this, request);
                }
            } catch (IOException | BrokenBarrierException e) {
                // The other end closed the connection, or the script closed the socket.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** Reads the next request; empty at the end of the stream. An unfinished head counts as a request too. */
        private static String readHead(InputStream in) throws IOException {
            var head = new StringBuilder();
            for (int b = in.read(); b != -1; b = in.read()) {
                head.append((char) b);
                if (b == '\n' && head.lastIndexOf("\r\n\r\n") >= 0) {
                    break;
                }
            }
            return head.toString();
        }
    }
}
