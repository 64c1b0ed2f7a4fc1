package dev.taskqueue.dev;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Forwards every connection to the host and port of a URL, byte for byte. The handler sees the same requests as in the cluster, including the
 * {@code Host} header and the capitals in header names.
 */
final class ForwardingProxy implements AutoCloseable {
    private static final int DEFAULT_PORT = 80;
    private static final int CONNECT_MILLIS = 5_000;

    private final ServerSocket server;
    private final Supplier<URI> target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /**
     * Serves the connections that the socket accepts. From now on this proxy owns the socket and closes it.
     *
     * @param target asked again for each connection
     */
    ForwardingProxy(ServerSocket server, Supplier<URI> target) {
        this.server = server;
        this.target = target;
        Thread.ofVirtual().name("relay").start(this::accept);
    }

    static int portOf(URI target) {
        return target.getPort() == -1 ? DEFAULT_PORT : target.getPort();
    }

    /**
     * Whether the handler itself answers at this address of loopback, so that no proxy is needed: it listens on all interfaces, and nobody else can have
     * its port then.
     */
    static boolean isReachedAt(URI handler, String address, int port) {
        try {
            return portOf(handler) == port
                    && InetAddress.getByName(host(handler)).isLoopbackAddress()
                    && listens(InetAddress.ofLiteral(address), port);
        } catch (IOException unknownHost) {
            return false;
        }
    }

    /** Whether somebody listens at the host and port of this URL now. */
    static boolean isListening(URI handler) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host(handler))) {
                if (listens(address, portOf(handler))) {
                    return true;
                }
            }
        } catch (IOException unknownHost) {
            // Nobody listens there.
        }
        return false;
    }

    private static boolean listens(InetAddress address, int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
            return true;
        } catch (IOException nobody) {
            return false;
        }
    }

    private static String host(URI url) {
        return url.getHost().replaceAll("[\\[\\]]", "");
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket caller = server.accept();
                Thread.ofVirtual().start(() -> serve(caller));
            } catch (IOException closed) {
                // The loop asks again whether the socket is closed.
            }
        }
    }

    private void serve(Socket caller) {
        open.add(caller);
        try (caller) {
            Optional<Socket> handler = connect();
            if (handler.isEmpty()) {
                // The connection was accepted already, so a reset comes closest to a refused connection.
                caller.setSoLinger(true, 0);
                return;
            }
            exchange(caller, handler.get());
        } catch (IOException over) {
            // The other side sees that the connection ends.
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(caller);
        }
    }

    private void exchange(Socket caller, Socket handler) throws IOException, InterruptedException {
        open.add(handler);
        try (handler) {
            Thread back = Thread.ofVirtual().start(() -> copy(handler, caller));
            copy(caller, handler);
            back.join();
        } finally {
            open.remove(handler);
        }
    }

    /** A name such as localhost may have addresses of both families, and the handler may listen on only one of them. */
    private Optional<Socket> connect() throws IOException {
        URI url = target.get();
        for (InetAddress address : InetAddress.getAllByName(host(url))) {
            var socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.connect(new InetSocketAddress(address, portOf(url)), CONNECT_MILLIS);
                return Optional.of(socket);
            } catch (IOException notHere) {
                socket.close();
            }
        }
        return Optional.empty();
    }

    private static void copy(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException over) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(ForwardingProxy::closeQuietly);
    }
}
