package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import okhttp3.CipherSuite;
import okhttp3.ConnectionSpec;
import okhttp3.TlsVersion;
import org.junit.jupiter.api.Test;

class CipherOrderTest {
    private static final ConnectionSpec TLS_13 = new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
            .tlsVersions(TlsVersion.TLS_1_3)
            .build();

    @Test
    void chaChaIsOfferedFirstAndNothingIsAddedOrLeftOut() {
        List<ConnectionSpec> ordered = CipherOrder.of(List.of(TLS_13, ConnectionSpec.CLEARTEXT));
        List<CipherSuite> suites = Objects.requireNonNull(ordered.getFirst().cipherSuites());
        assertThat(suites.getFirst()).isEqualTo(CipherSuite.TLS_CHACHA20_POLY1305_SHA256);
        assertThat(suites).containsExactlyInAnyOrderElementsOf(Objects.requireNonNull(TLS_13.cipherSuites()));
        assertThat(suites.stream().dropWhile(suite -> suite.javaName().contains("CHACHA20")))
                .as("the rest stays in its order")
                .containsExactlyElementsOf(TLS_13.cipherSuites().stream()
                        .filter(suite -> !suite.javaName().contains("CHACHA20"))
                        .toList());
        assertThat(ordered.getFirst().tlsVersions()).isEqualTo(TLS_13.tlsVersions());
        assertThat(ordered.getLast()).isEqualTo(ConnectionSpec.CLEARTEXT);
    }

    @Test
    void aSpecThatTakesEverySuiteStaysAsItIs() {
        assertThat(CipherOrder.of(List.of(ConnectionSpec.RESTRICTED_TLS, all())))
                .last()
                .isEqualTo(all());
    }

    private static ConnectionSpec all() {
        return new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
                .allEnabledCipherSuites()
                .build();
    }
}
