package dev.taskqueue.gateway.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.cloud.tasks.v2.CloudTasksGrpc;
import com.google.cloud.tasks.v2.GetQueueRequest;
import dev.taskqueue.gateway.testing.LogLines;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Connections that want to wear the gateway out: it bounds what they get, and goes on serving others. */
class HostileConnectionsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String TOKEN = "producer-token";
    private static final MemoryCluster CLUSTER = new MemoryCluster();
    private static final String QUEUE = TestGateway.PARENT + "/queues/orders";
    private static final int STREAMS = 3_000;
    private static final byte RESET = 3;
    private static final byte GO_AWAY = 7;

    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        CLUSTER.token(TOKEN, "system:serviceaccount:shop:producer", TestGateway.AUDIENCE);
        CLUSTER.put("shop", "taskqueues", "{\"metadata\":{\"name\":\"orders\"},\"spec\":{}}");
        gateway = new TestGateway(
                CLUSTER,
                () -> TestGateway.rules(TestGateway.MAPPING),
                TestGateway.settings(Duration.ofMinutes(1), Duration.ofSeconds(2)));
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static Socket connect() throws IOException {
        var socket =
                new Socket(InetAddress.getLoopbackAddress(), gateway.server().plaintextPort());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        return socket;
    }

    private static void assertServes() {
        assertThat(gateway.rest("GET", "/v2/" + QUEUE, TOKEN, "").statusCode()).isEqualTo(200);
    }

    @Test
    void manyThousandCallsOnOneConnectionAreAllAnswered() throws Exception {
        var stub = CloudTasksGrpc.newFutureStub(gateway.channel()).withInterceptors(bearer("x"));
        var answers = new ArrayList<Future<?>>();
        for (int i = 0; i < 20_000; i++) {
            answers.add(
                    stub.getQueue(GetQueueRequest.newBuilder().setName(QUEUE).build()));
        }
        int done = 0;
        for (Future<?> answer : answers) {
            answer.get();
            done++;
        }
        assertThat(done).isEqualTo(20_000);
    }

    private static io.grpc.ClientInterceptor bearer(String extra) {
        var headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + TOKEN);
        headers.put(Metadata.Key.of("x-extra", Metadata.ASCII_STRING_MARSHALLER), extra);
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    @Test
    void headersOfAMebibyteOverGrpcAreRefusedAndTheNextCallIsServed() {
        assertThat(catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> CloudTasksGrpc.newBlockingStub(gateway.channel())
                                .withInterceptors(bearer("a".repeat(1_048_576)))
                                .getQueue(GetQueueRequest.newBuilder()
                                        .setName(QUEUE)
                                        .build())))
                .isNotNull();
        assertThat(gateway.tasks(TOKEN)
                        .getQueue(GetQueueRequest.newBuilder().setName(QUEUE).build())
                        .getName())
                .isEqualTo(QUEUE);
    }

    /** Speaks HTTP/2 by hand, because clients keep to the bound that the server announces. */
    @Test
    void streamsAboveTheBoundAreResetWhoeverOpensThem() throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
            out.write(frame(4, 0, 0, new byte[0]));
            var answers = new DataInputStream(socket.getInputStream());
            var opener = Thread.ofVirtual().start(() -> open(out));
            int refused = 0;
            boolean closed = false;
            try {
                while (!closed && refused < STREAMS - 1_000) {
                    byte[] head = answers.readNBytes(9);
                    closed = head.length < 9 || head[3] == GO_AWAY;
                    refused += !closed && head[3] == RESET ? 1 : 0;
                    if (!closed) {
                        answers.readNBytes((head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | (head[2] & 0xff));
                    }
                }
            } catch (IOException reset) {
                closed = true;
            }
            assertThat(closed || refused >= STREAMS - 1_000)
                    .as("%s streams were refused", refused)
                    .isTrue();
            assertServes();
            opener.interrupt();
        }
        assertServes();
    }

    private static void open(OutputStream out) {
        // POST, http, /, and an authority that is one letter; no stream ever ends.
        byte[] headers = {(byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 1, 'x'};
        try {
            for (int i = 0; i < STREAMS; i++) {
                out.write(frame(1, 4, 2 * i + 1, headers));
            }
        } catch (IOException closed) {
            // The server has had enough.
        }
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) 0)
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    @Test
    void aBodyThatDripsIsCutOffAtTheDeadlineOfCalls() throws IOException {
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v2/" + QUEUE + "/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN
                            + "\r\nContent-Length: 100000\r\n\r\n{")
                    .getBytes(US_ASCII));
            // As long as the server listens, a byte comes.
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> answered(socket, out));
            assertServes();
        }
    }

    private static boolean answered(Socket socket, OutputStream out) {
        try {
            if (socket.getInputStream().available() > 0) {
                return true;
            }
            out.write(' ');
            out.flush();
            return false;
        } catch (IOException closed) {
            return true;
        }
    }

    @Test
    void nothingOfARequestReachesTheLog() {
        String canary = "c4n4ry";
        CLUSTER.token(canary + "-token", "system:serviceaccount:shop:producer", TestGateway.AUDIENCE);
        String task = "{\"task\":{\"httpRequest\":{\"url\":\"http://order-worker/?q=" + canary
                + "\",\"headers\":{\"X-Key\":\"" + canary + "\"},\"body\":\"YzRuNHJ5\"%s}}}";
        try (LogLines log = LogLines.ofAll()) {
            for (String token : new String[] {canary + "-token", canary + "-unknown"}) {
                gateway.rest("POST", "/v2/" + QUEUE + "/tasks?key=" + canary, token, task.formatted(""));
                gateway.rest(
                        "POST",
                        "/v2/" + QUEUE + "/tasks",
                        token,
                        task.formatted(",\"oauthToken\":{}"),
                        "X-Canary",
                        canary);
                gateway.rest("GET", "/v2/" + QUEUE + "?access_token=" + canary, token, "");
                gateway.rest("POST", "/v1/token", "", "subject_token=" + canary);
                gateway.rest("POST", "/v2/" + QUEUE + "/tasks", token, "{\"" + canary);
            }
            assertThat(log.lines()).isNotEmpty().noneMatch(line -> line.contains(canary));
        }
    }
}
