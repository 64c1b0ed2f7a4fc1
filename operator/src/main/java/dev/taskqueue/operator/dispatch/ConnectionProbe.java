package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import okhttp3.Connection;

/** The state of the other end of a connection right now, found out without waiting. */
enum ConnectionProbe {
    Silent,
    /** There are unexpected bytes: a server's last message, or the rest of an answer. Reading them has lost one byte. */
    Talking,
    Closed;

    static ConnectionProbe of(Connection connection) {
        try {
            SocketChannel channel = channelOf(connection);
            channel.configureBlocking(false);
            try {
                return switch (channel.read(ByteBuffer.allocate(1))) {
                    case 0 -> Silent;
                    case -1 -> Closed;
                    default -> Talking;
                };
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            return Closed;
        }
    }

    /** Closes the connection at once, below TLS, because closing TLS might block. The pool drops a closed connection. */
    static void hangUp(Connection connection) throws IOException {
        channelOf(connection).close();
    }

    private static SocketChannel channelOf(Connection connection) {
        return Objects.requireNonNull(connection.socket().getChannel(), "ChannelSockets makes them, also under TLS");
    }
}
