package dev.taskqueue.controlplane;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of loopback for processes that must be told theirs. They are free at this moment, and nobody keeps them for the caller. They lie below
 * those that the system gives to whoever asks for any, so that nobody else gets them by chance meanwhile.
 */
public final class FreePorts {
    private static final int FIRST = 12_000;
    private static final int END = 32_768;

    private FreePorts() {}

    public static int one() {
        return several(1).get(0);
    }

    /** All are held open until the last is found, so that they differ. */
    static List<Integer> several(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            try {
                while (sockets.size() < count) {
                    open(ThreadLocalRandom.current().nextInt(FIRST, END)).ifPresent(sockets::add);
                }
                return sockets.stream().map(ServerSocket::getLocalPort).toList();
            } finally {
                for (ServerSocket socket : sockets) {
                    socket.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<ServerSocket> open(int port) throws IOException {
        try {
            return Optional.of(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
        } catch (BindException taken) {
            return Optional.empty();
        }
    }
}
