package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import okhttp3.Connection;

/** What the other end of a connection is doing right now, found out without waiting. */
enum ConnectionProbe {
    Silent,
    /** There are bytes nobody asked for: a server's farewell, or the rest of an answer. One of them is now lost. */
    Talking,
    Gone;

    static ConnectionProbe of(Connection connection) {
        try {
            SocketChannel channel = channelOf(connection);
            channel.configureBlocking(false);
            try {
                return switch (channel.read(ByteBuffer.allocate(1))) {
                    case 0 -> Silent;
                    case -1 -> Gone;
                    default -> Talking;
                };
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            return Gone;
        }
    }

    /** Closes the connection at once, below TLS, whose own farewell might block; the pool throws a closed one away. */
    static void hangUp(Connection connection) throws IOException {
        channelOf(connection).close();
    }

    private static SocketChannel channelOf(Connection connection) {
        return Objects.requireNonNull(connection.socket().getChannel(), "ChannelSockets makes them, also under TLS");
    }
}
