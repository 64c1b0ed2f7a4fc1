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
 * Finds free ports of loopback, for processes that take their port as a setting. The ports are free at this moment, but nobody reserves them for the
 * caller. They lie below the range from which the system hands out ports by itself, so no other process gets them by chance.
 */
public final class FreePorts {
    private static final int FIRST = 12_000;
    private static final int END = 32_768;

    private FreePorts() {}

    public static int one() {
        return several(1).get(0);
    }

    /** Holds all ports open until the last one is found, so that they differ. */
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
