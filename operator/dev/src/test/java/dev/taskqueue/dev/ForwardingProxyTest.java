package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import org.junit.jupiter.api.Test;

class ForwardingProxyTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void everyByteArrivesAsItWasSent() throws Exception {
        String request =
                "POST /a%20b?c HTTP/1.1\r\nhOsT: order-worker.default.svc\r\nX-CloudTasks-TaskName:  a \r\n\r\n";
        String answer = "HTTP/1.1 299 Odd\r\nx-LOWER: 1\r\n\r\n\0body";
        try (var handler = new ServerSocket(0, 1, LOOPBACK);
                var relay = listen("http://localhost:" + handler.getLocalPort());
                Socket caller = relay.call()) {
            caller.getOutputStream().write(request.getBytes(US_ASCII));
            try (Socket seen = handler.accept()) {
                assertThat(new String(seen.getInputStream().readNBytes(request.length()), US_ASCII))
                        .isEqualTo(request);
                seen.getOutputStream().write(answer.getBytes(US_ASCII));
            }
            assertThat(new String(caller.getInputStream().readAllBytes(), US_ASCII))
                    .isEqualTo(answer);
        }
    }

    @Test
    void whereNobodyListensTheConnectionIsReset() throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, LOOPBACK)) {
            free = socket.getLocalPort();
        }
        try (var relay = listen("http://127.0.0.1:" + free);
                Socket caller = relay.call()) {
            assertThatThrownBy(() -> caller.getInputStream().readAllBytes()).isInstanceOf(SocketException.class);
        }
    }

    private record Listening(ForwardingProxy relay, int port) implements AutoCloseable {
        Socket call() throws IOException {
            return new Socket(LOOPBACK, port);
        }

        @Override
        public void close() {
            relay.close();
        }
    }

    private static Listening listen(String target) throws IOException {
        var socket = new ServerSocket(0, 1, LOOPBACK);
        return new Listening(new ForwardingProxy(socket, () -> URI.create(target)), socket.getLocalPort());
    }
}
