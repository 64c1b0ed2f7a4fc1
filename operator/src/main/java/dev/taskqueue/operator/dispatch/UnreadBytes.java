package dev.taskqueue.operator.dispatch;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import okhttp3.Connection;
import okhttp3.internal.connection.BufferedSocket;
import okhttp3.internal.connection.RealConnection;

/**
 * Counts the bytes that were read from a connection and belong to no answer. A worker that sends more than its answer leaves them, and OkHttp would
 * take them for the beginning of the next answer. They are in OkHttp's own buffer, which no public method shows.
 */
final class UnreadBytes {
    private static final VarHandle SOCKET = socketOfConnection();

    private UnreadBytes() {}

    /** Counts them at the end of an answer. */
    static long count(Connection connection) {
        var buffered = (BufferedSocket) SOCKET.get((RealConnection) connection);
        return buffered.getSource().getBuffer().size() + decrypted(connection.socket());
    }

    /** The bytes that TLS has decrypted and OkHttp has not read. */
    private static int decrypted(Socket socket) {
        try {
            return socket instanceof SSLSocket tls ? tls.getInputStream().available() : 0;
        } catch (IOException closed) {
            return 0;
        }
    }

    private static VarHandle socketOfConnection() {
        try {
            return MethodHandles.privateLookupIn(RealConnection.class, MethodHandles.lookup())
                    .findVarHandle(RealConnection.class, "socket", BufferedSocket.class);
        } catch (ReflectiveOperationException otherVersion) {
            throw new IllegalStateException("this version of OkHttp keeps its buffer somewhere else", otherVersion);
        }
    }
}
