package dev.taskqueue.operator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** Tests the options of the sockets that lead to workers. */
class ChannelSocketFactoryTest {
    @Test
    void theLastPartOfABodyDoesNotWaitForAnAcknowledgement() throws IOException {
        try (Socket socket = new ChannelSocketFactory().createSocket()) {
            assertThat(socket.getTcpNoDelay()).isTrue();
            assertThat(socket.getChannel()).isNotNull();
        }
    }
}
