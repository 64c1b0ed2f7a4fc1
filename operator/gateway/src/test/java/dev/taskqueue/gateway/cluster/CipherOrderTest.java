package dev.taskqueue.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.gateway.mapping.MappingRules;
import dev.taskqueue.gateway.testing.MemoryCluster;
import dev.taskqueue.gateway.testing.TestCertificate;
import dev.taskqueue.gateway.testing.TestGateway;
import java.nio.file.Path;
import okhttp3.CipherSuite;
import okhttp3.ConnectionSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CipherOrderTest {
    @Test
    void aClientThatKnowsAllSuitesGetsTheCheapest(@TempDir Path folder) throws Exception {
        TestCertificate.create().writeTo(folder);
        try (var gateway = new TestGateway(
                new MemoryCluster(),
                () -> MappingRules.everythingTo("shop"),
                TestGateway.settings().withTls(0, folder))) {
            assertThat(TestCertificate.sessionAt(gateway.server().tlsPort()).getCipherSuite())
                    .isEqualTo("TLS_CHACHA20_POLY1305_SHA256");
        }
    }

    @Test
    void theApiServerIsOfferedTheSameSuitesTheCheapestFirst() {
        var suites = CipherOrder.spec().cipherSuites();
        assertThat(suites)
                .startsWith(CipherSuite.TLS_CHACHA20_POLY1305_SHA256)
                .containsExactlyInAnyOrderElementsOf(ConnectionSpec.MODERN_TLS.cipherSuites());
    }
}
