package dev.taskqueue.operator.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** A port of a ClusterIP. It forwards each connection to a process on loopback, as a node's kernel forwards it to a Pod. */
final class ServicePort implements AutoCloseable {
    private final ServerSocket listener;
    private final Supplier<OptionalInt> backend;

    /** @param backend the port of the process that gets the next connection; if there is none, the connection is closed */
    ServicePort(String clusterIp, int port, Supplier<OptionalInt> backend) {
        this.backend = backend;
        try {
            listener = new ServerSocket(port, 100, InetAddress.ofLiteral(clusterIp));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> carry(client));
            }
        } catch (IOException closed) {
            // The listener was closed, so the thread ends.
        }
    }

    private void carry(Socket client) {
        OptionalInt port = backend.get();
        try (client) {
            if (port.isPresent()) {
                try (var process = new Socket(InetAddress.getLoopbackAddress(), port.getAsInt())) {
                    Thread back = Thread.ofVirtual().start(() -> pump(process, client));
                    pump(client, process);
                    back.join();
                }
            }
        } catch (IOException gone) {
            // Each end sees that the other end is gone, because its own connection ends.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException gone) {
            // The connection is gone, as in the method above.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
