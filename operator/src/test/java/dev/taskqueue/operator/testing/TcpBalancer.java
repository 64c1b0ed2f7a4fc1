package dev.taskqueue.operator.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands where kube-proxy would: every connection to its address leads to one of the backends, in turn, for as long as the connection lasts. A backend
 * that is taken out keeps the connections that it has.
 */
public final class TcpBalancer implements AutoCloseable {
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile List<InetSocketAddress> backends = List.of();

    /** @param port 0 means any free port */
    public TcpBalancer(InetAddress address, int port) {
        try {
            listener = new ServerSocket(port, 1000, address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public InetAddress address() {
        return listener.getInetAddress();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Leads new connections to these. */
    public void lead(InetSocketAddress... to) {
        backends = List.of(to);
    }

    @Override
    public void close() {
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
            for (int number = 0; ; number++) {
                Socket client = listener.accept();
                List<InetSocketAddress> now = backends;
                InetSocketAddress backend = now.get(number % now.size());
                Thread.ofVirtual().start(() -> connect(client, backend));
            }
        } catch (IOException e) {
            // The listener was closed.
        }
    }

    private void connect(Socket client, InetSocketAddress backend) {
        sockets.add(client);
        try (client;
                var worker = new Socket()) {
            sockets.add(worker);
            worker.connect(backend);
            Thread answers = Thread.ofVirtual().start(() -> copy(worker, client));
            copy(client, worker);
            answers.join();
        } catch (IOException e) {
            // The client sees its connection closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One end is gone, so the other end goes too.
            try {
                from.close();
                to.close();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
    }
}
