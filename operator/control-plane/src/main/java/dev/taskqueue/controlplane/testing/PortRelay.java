package dev.taskqueue.controlplane.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/** Passes on what comes to port 443 of a loopback address of its own, as the ClusterIP of a Service does. */
final class PortRelay implements AutoCloseable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int HTTPS = 443;
    private static final int TRIES = 20;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    private PortRelay(ServerSocket server, int target) {
        this.server = server;
        this.target = target;
        start(this::accept);
    }

    /**
     * Opens the port.
     *
     * @param target a port of 127.0.0.1
     * @throws IOException if this user may not open port 443
     */
    static PortRelay to(int target) throws IOException {
        for (int tried = 1; ; tried++) {
            var random = ThreadLocalRandom.current();
            byte[] address = {
                127, (byte) random.nextInt(16, 256), (byte) random.nextInt(256), (byte) random.nextInt(1, 255)
            };
            try {
                return new PortRelay(new ServerSocket(HTTPS, 0, InetAddress.getByAddress(address)), target);
            } catch (IOException taken) {
                if (tried == TRIES) {
                    throw taken;
                }
            }
        }
    }

    /** The address whose port 443 is open. */
    String address() {
        return server.getInetAddress().getHostAddress();
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket client = server.accept();
                open.add(client);
                Socket gateway = new Socket(InetAddress.getByAddress(LOOPBACK), target);
                open.add(gateway);
                start(() -> pass(client, gateway));
                start(() -> pass(gateway, client));
            }
        } catch (IOException end) {
            close();
        }
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException end) {
            // One side has gone, so both are closed.
        } finally {
            open.remove(from);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException closedAlready) {
            open.clear();
        }
    }
}
