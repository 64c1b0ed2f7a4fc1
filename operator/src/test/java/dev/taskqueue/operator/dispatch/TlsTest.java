package dev.taskqueue.operator.dispatch;

import static dev.taskqueue.operator.dispatch.TestingRequests.HOST;
import static dev.taskqueue.operator.dispatch.TestingRequests.outcome;
import static dev.taskqueue.operator.dispatch.TestingRequests.request;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.taskqueue.operator.dispatch.OutboundRequest.Security;
import dev.taskqueue.operator.dispatch.OutboundRequest.Target;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.DnsNames;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.testing.TestingCertificate;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(Lifecycle.PER_CLASS)
final class TlsTest {
    private final HttpDispatcher dispatcher = TestingRequests.dispatcher();
    private final List<String> namesAskedFor = new CopyOnWriteArrayList<>();
    private TestingCertificate certificate;
    private TestingCertificate another;
    private RawSocketWorker worker;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        certificate = TestingCertificate.madeOutFor(HOST, directory);
        another = TestingCertificate.madeOutFor("elsewhere.example", directory);
        worker = RawSocketWorker.on("127.0.0.1", 0, certificate.serverSockets(), (conversation, request) -> {
            var session = (ExtendedSSLSession) ((SSLSocket) conversation.socket()).getSession();
            for (SNIServerName name : session.getRequestedServerNames()) {
                namesAskedFor.add(((SNIHostName) name).getAsciiName());
            }
            conversation.write(RawSocketWorker.OK);
        });
    }

    @AfterAll
    void stop() throws Exception {
        dispatcher.close();
        worker.close();
    }

    @Test
    void aTrustedWorkerIsAskedUnderItsOwnName() throws Exception {
        namesAskedFor.clear();
        int before = worker.received().size();
        assertThat(send(bundle(certificate), HOST, null)).isEqualTo(Outcome.Answered.of(200));
        assertThat(send(bundle(certificate), HOST, null)).isEqualTo(Outcome.Answered.of(200));
        var received = worker.received().subList(before, before + 2);
        assertThat(received)
                .allSatisfy(request -> assertThat(request.header("Host")).containsExactly(HOST));
        assertThat(received.getFirst().connection())
                .isEqualTo(received.getLast().connection());
        assertThat(namesAskedFor).containsOnly(HOST);
    }

    @Test
    void whatAWorkerSendsAfterItsAnswerIsNotTheNextAnswer() throws Exception {
        String refusal = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        RawSocketWorker.Script script = (conversation, request) ->
                conversation.write(RawSocketWorker.OK + (conversation.number() == 1 ? refusal : ""));
        try (var talking = RawSocketWorker.on("127.0.0.1", 0, certificate.serverSockets(), script)) {
            for (int i = 0; i < 2; i++) {
                assertThat(send(talking, bundle(certificate), HOST, null)).isEqualTo(Outcome.Answered.of(200));
            }
            assertThat(talking.connections()).isEqualTo(2);
        }
    }

    @Test
    void aServerNameReplacesTheHostInTlsAlone() throws Exception {
        namesAskedFor.clear();
        assertThat(send(bundle(certificate), "other.shop.svc", HOST)).isEqualTo(Outcome.Answered.of(200));
        assertThat(worker.received().getLast().header("Host")).containsExactly("other.shop.svc");
        assertThat(namesAskedFor).containsOnly(HOST);
    }

    @Test
    void aCertificateForAnotherNameIsTlsFailed() throws Exception {
        assertTlsFailed(send(bundle(certificate), "other.shop.svc", null), "not made out for other.shop.svc");
    }

    @Test
    void aCertificateOutsideTheBundleIsTlsFailed() throws Exception {
        assertTlsFailed(send(bundle(another), HOST, null), "not trusted");
    }

    @Test
    void aCertificateTheSystemDoesNotTrustIsTlsFailed() {
        assertTlsFailed(send(null, HOST, null), "not trusted");
    }

    @Test
    void aPortWithoutTlsIsTlsFailed() throws Exception {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answered = threads.submit(() -> {
                try (Socket socket = listener.accept()) {
                    socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                }
                return true;
            });
            var target = new Target(
                    new Security.Tls(null, null), listener.getInetAddress(), listener.getLocalPort(), HOST, 0);
            assertTlsFailed(outcome(dispatcher, request(target, "POST")), "check that the port speaks TLS");
            assertThat(answered.get()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.1", "::1", "1", "a..b", "-a", "a b", "a/b", "a:1"})
    void aServerNameThatIsNoDnsNameIsRefused(String name) {
        assertThat(DnsNames.isServerName(name)).isFalse();
        assertThatThrownBy(() -> new Security.Tls(null, name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBundleOfSeveralTrustsEachOfThem() throws Exception {
        CaBundle both = bundle(another.pem() + certificate.pem());
        assertThat(both.certificates()).hasSize(2);
        assertThat(send(both, HOST, null)).isEqualTo(Outcome.Answered.of(200));
    }

    private static CaBundle bundle(TestingCertificate certificate) throws GeneralSecurityException {
        return bundle(certificate.pem());
    }

    private static CaBundle bundle(String pem) {
        return Objects.requireNonNull(
                CaBundleReader.read(pem.getBytes(US_ASCII)).bundle());
    }

    private Outcome send(@Nullable CaBundle trust, String host, @Nullable String serverName) {
        return send(worker, trust, host, serverName);
    }

    private Outcome send(RawSocketWorker worker, @Nullable CaBundle trust, String host, @Nullable String serverName) {
        var target = new Target(new Security.Tls(trust, serverName), worker.address(), worker.port(), host, 0);
        return outcome(dispatcher, request(target, "POST"));
    }

    private static void assertTlsFailed(Outcome outcome, String saying) {
        assertThat(outcome.reason()).isEqualTo(AttemptReason.TLSFailed);
        assertThat(outcome.message()).contains(saying).hasSizeLessThanOrEqualTo(256);
    }
}
