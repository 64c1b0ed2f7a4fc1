package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings from the environment. */
class SettingsReaderTest {
    private static SettingsReader.Reading read(String... namesAndValues) {
        var environment = new java.util.HashMap<String, String>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put("TASKQUEUE_GATEWAY_" + namesAndValues[i], namesAndValues[i + 1]);
        }
        return SettingsReader.read(Map.copyOf(environment));
    }

    @Test
    void withACertificateTheDefaultsAreEnough() {
        assertThat(read("TLS_DIR", "/tls")).isInstanceOfSatisfying(SettingsReader.Reading.Valid.class, valid -> {
            assertThat(valid.settings().port()).isEqualTo(8443);
            assertThat(valid.settings().plaintextPort()).isNull();
            assertThat(valid.settings().audiences()).containsExactly("taskqueue-gateway");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "PORT, x",
        "PORT, 70000",
        "TOKEN_CACHE, 2h",
        "AUTHENTICATION, Maybe",
        "NAMESPACES, UPPER",
        "REQUEST_TIMEOUT, 0s"
    })
    void aBadValueIsAnErrorThatNamesItsSetting(String name, String value) {
        assertThat(read("TLS_DIR", "/tls", name, value))
                .isInstanceOfSatisfying(
                        SettingsReader.Reading.Invalid.class,
                        invalid -> assertThat(invalid.errors())
                                .singleElement()
                                .asString()
                                .startsWith("TASKQUEUE_GATEWAY_" + name + "=" + value));
    }

    @Test
    void withoutAuthenticationTheGatewayIsOnLoopbackOnly() {
        assertThat(read("TLS_DIR", "/tls", "AUTHENTICATION", "None"))
                .isInstanceOf(SettingsReader.Reading.Invalid.class);
        assertThat(read("TLS_DIR", "/tls", "AUTHENTICATION", "None", "BIND", "127.0.0.1"))
                .isInstanceOf(SettingsReader.Reading.Valid.class);
        Stream.of("0.0.0.0", "", "127.0.0.1.evil.example")
                .forEach(bind -> assertThatIllegalArgumentException().isThrownBy(() -> {
                    GatewaySettings settings = GatewaySettings.development(0);
                    new GatewaySettings(
                            null,
                            0,
                            0,
                            bind,
                            null,
                            false,
                            settings.audiences(),
                            settings.tokenCache(),
                            settings.namespaces(),
                            1,
                            1,
                            settings.requestTimeout(),
                            settings.limits(),
                            settings.shutdownGrace(),
                            false,
                            false);
                }));
    }

    @Test
    void anUnknownNameIsAWarningAndWhatKubernetesInjectsIsNot() {
        assertThat(read("TLS_DIR", "/tls", "PROT", "1", "SERVICE_HOST", "10.0.0.1", "PORT", "tcp://10.0.0.1:443")
                        .warnings())
                .singleElement()
                .asString()
                .contains("TASKQUEUE_GATEWAY_PROT");
        assertThat(SettingsReader.help()).contains("TASKQUEUE_GATEWAY_MAX_IN_FLIGHT (default: 64)");
    }
}
