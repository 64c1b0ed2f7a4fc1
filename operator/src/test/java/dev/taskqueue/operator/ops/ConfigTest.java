package dev.taskqueue.operator.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Cidr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path pod;

    @SuppressWarnings("NullAway.Init")
    private Path podNamespace;

    @BeforeEach
    void runInAPod() throws IOException {
        podNamespace = Files.writeString(pod.resolve("namespace"), "operators\n");
    }

    @Test
    void anEmptyEnvironmentGivesTheDefaults() {
        assertThat(valid(Map.of()))
                .isEqualTo(new Config(
                        Set.of(),
                        8080,
                        false,
                        true,
                        "operators",
                        "taskqueue-operator",
                        Duration.ofSeconds(15),
                        List.of(),
                        Duration.ofDays(30),
                        10_000,
                        1_000,
                        2_000,
                        Duration.ofMinutes(30),
                        Duration.ofSeconds(30),
                        2_000,
                        true,
                        "",
                        ""));
    }

    @Test
    void everyVariableIsRead() {
        var environment = new HashMap<String, String>();
        environment.put("TASKQUEUE_NAMESPACES", "shop, office");
        environment.put("TASKQUEUE_HTTP_PORT", "0");
        environment.put("TASKQUEUE_CONSOLE", "true");
        environment.put("TASKQUEUE_LEADER_ELECTION", "false");
        environment.put("TASKQUEUE_LEASE_NAMESPACE", "leases");
        environment.put("TASKQUEUE_LEASE_NAME", "my.lease");
        environment.put("TASKQUEUE_LEASE_DURATION", "5s");
        environment.put("TASKQUEUE_ALLOWED_TARGET_CIDRS", "127.20.0.0/16,fd00::/8");
        environment.put("TASKQUEUE_MAX_SCHEDULE_AHEAD", "8760h");
        environment.put("TASKQUEUE_MAX_IN_FLIGHT", "1");
        environment.put("TASKQUEUE_MAX_UNWRITTEN", "2");
        environment.put("TASKQUEUE_MAX_UNWRITTEN_ITEMS", "3");
        environment.put("TASKQUEUE_MAX_DISPATCH_DEADLINE", "1h30m");
        environment.put("TASKQUEUE_SHUTDOWN_GRACE", "0s");
        environment.put("TASKQUEUE_METRICS_MAX_QUEUES", "7");
        environment.put("TASKQUEUE_LOG_FORMAT", "json");
        environment.put("TASKQUEUE_LOG_LEVEL", "debug");
        environment.put("TASKQUEUE_LOG_ATTEMPTS", "failures");
        environment.put("TASKQUEUE_LOG_FOLDER", "/etc/taskqueue/log");
        environment.put("TASKQUEUE_EVENTS", "false");
        environment.put("TASKQUEUE_TRACES_ENDPOINT", "https://collector:4318/v1/traces");
        environment.put("TASKQUEUE_TRACES_FOLDER", "/etc/taskqueue/traces");
        assertThat(environment).as("the table").hasSameSizeAs(Setting.ALL);
        assertThat(valid(environment))
                .isEqualTo(new Config(
                        Set.of("shop", "office"),
                        0,
                        true,
                        false,
                        "leases",
                        "my.lease",
                        Duration.ofSeconds(5),
                        List.of(Cidr.parse("127.20.0.0/16"), Cidr.parse("fd00::/8")),
                        Duration.ofDays(365),
                        1,
                        2,
                        3,
                        Duration.ofMinutes(90),
                        Duration.ZERO,
                        7,
                        false,
                        "https://collector:4318/v1/traces",
                        "/etc/taskqueue/traces"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TASKQUEUE_NAMESPACES | shop,,office | names of namespaces",
                "TASKQUEUE_NAMESPACES | Shop | names of namespaces",
                "TASKQUEUE_HTTP_PORT | http | a whole number from 0 to 65535",
                "TASKQUEUE_HTTP_PORT | 65536 | a whole number from 0 to 65535",
                "TASKQUEUE_HTTP_PORT | -1 | a whole number from 0 to 65535",
                "TASKQUEUE_HTTP_PORT | 99999999999 | a whole number from 0 to 65535",
                "TASKQUEUE_LEADER_ELECTION | yes | true or false",
                "TASKQUEUE_LEASE_NAMESPACE | a.b | the name of a namespace",
                "TASKQUEUE_LEASE_NAME | a/b | the name of an object",
                "TASKQUEUE_LEASE_DURATION | 4999ms | a duration from 5s to 5m",
                "TASKQUEUE_LEASE_DURATION | 301s | a duration from 5s to 5m",
                "TASKQUEUE_LEASE_DURATION | 15 | a duration from 5s to 5m",
                "TASKQUEUE_ALLOWED_TARGET_CIDRS | 127.0.0.0/8,127.20.0.1/16 | blocks of addresses",
                "TASKQUEUE_MAX_SCHEDULE_AHEAD | 8761h | a duration from 1s to 8760h",
                "TASKQUEUE_MAX_IN_FLIGHT | 0 | a whole number from 1 to 100000",
                "TASKQUEUE_MAX_UNWRITTEN | 0 | a whole number from 1 to 100000",
                "TASKQUEUE_MAX_DISPATCH_DEADLINE | 999ms | a duration from 1s to 24h",
                "TASKQUEUE_SHUTDOWN_GRACE | 61m | a duration from 0s to 1h",
                "TASKQUEUE_LOG_FORMAT | JSON | one of text, json",
                "TASKQUEUE_LOG_LEVEL | trace | one of error, warn, info, debug",
                "TASKQUEUE_LOG_ATTEMPTS | some | one of off, failures, all",
                "TASKQUEUE_EVENTS | on | true or false",
                "TASKQUEUE_TRACES_ENDPOINT | collector:4318 | an http or https URL"
            })
    void aBadValueIsAnErrorThatNamesVariableValueAndWhatIsAllowed(String name, String value, String allowed) {
        assertThat(invalid(Map.of(name, value)))
                .singleElement()
                .asString()
                .startsWith(name + " is \"" + value + "\"; allowed is ")
                .contains(allowed)
                .endsWith(".");
    }

    @Test
    void aPasswordInAUrlIsNotShown() {
        assertThat(invalid(Map.of("TASKQUEUE_TRACES_ENDPOINT", "http://me:canary@collector:4318")))
                .singleElement()
                .asString()
                .contains("http://...@collector:4318")
                .doesNotContain("canary");
    }

    @Test
    void theLogIsTextOfLevelInfoUnlessTheSettingsSayOtherwise() {
        assertThat(Config.logSettings(Map.of()))
                .isEqualTo(new LogSettings(LogSettings.Format.Text, LogSettings.Level.Info, LogSettings.Attempts.Off));
        assertThat(Config.logSettings(Map.of("TASKQUEUE_LOG_FORMAT", "json", "TASKQUEUE_LOG_LEVEL", "warn")))
                .isEqualTo(new LogSettings(LogSettings.Format.Json, LogSettings.Level.Warn, LogSettings.Attempts.Off));
        assertThat(Config.logSettings(Map.of("TASKQUEUE_LOG_FORMAT", "xml", "TASKQUEUE_LOG_LEVEL", "debug")))
                .as("the line that reports xml has to be written in some form")
                .isEqualTo(new LogSettings(LogSettings.Format.Text, LogSettings.Level.Debug, LogSettings.Attempts.Off));
    }

    @Test
    void settingsAreShownAsTheyAreWritten() {
        Config.Reading reading = Config.read(Map.of("TASKQUEUE_LEASE_DURATION", "90s"), podNamespace);
        assertThat(((Config.Reading.Valid) reading).written())
                .contains("TASKQUEUE_LEASE_DURATION=90s", "TASKQUEUE_MAX_SCHEDULE_AHEAD=720h")
                .noneMatch(setting -> setting.startsWith("TASKQUEUE_NAMESPACES"));
    }

    @Test
    void allErrorsAreToldAtOnce() throws IOException {
        Files.delete(podNamespace);
        assertThat(invalid(Map.of("TASKQUEUE_HTTP_PORT", "x", "TASKQUEUE_MAX_IN_FLIGHT", "y")))
                .satisfiesExactlyInAnyOrder(
                        error -> assertThat(error).startsWith("TASKQUEUE_HTTP_PORT is"),
                        error -> assertThat(error).startsWith("TASKQUEUE_MAX_IN_FLIGHT is"),
                        error -> assertThat(error).startsWith("TASKQUEUE_LEASE_NAMESPACE is not set"));
    }

    @Test
    void outsideAPodTheLeaseNamespaceMustBeSetUnlessNobodyIsElected() throws IOException {
        Files.delete(podNamespace);
        assertThat(invalid(Map.of())).singleElement().asString().startsWith("TASKQUEUE_LEASE_NAMESPACE is not set");
        assertThat(valid(Map.of("TASKQUEUE_LEASE_NAMESPACE", "leases")).leaseNamespace())
                .isEqualTo("leases");
        assertThat(valid(Map.of("TASKQUEUE_LEADER_ELECTION", "false")).leaseNamespace())
                .isNull();
    }

    @Test
    void anEmptyValueCountsAsAbsent() {
        assertThat(valid(Map.of("TASKQUEUE_HTTP_PORT", "", "TASKQUEUE_TYPO", "")))
                .isEqualTo(valid(Map.of()));
    }

    @Test
    void anUnknownNameIsAWarning() {
        var reading = read(Map.of("TASKQUEUE_MAX_INFLIGHT", "5", "TASKQUEUE_METRICS_PORT", "9090", "OTHER", "x"));
        assertThat(reading).isInstanceOf(Config.Reading.Valid.class);
        assertThat(reading.warnings())
                .satisfiesExactly(
                        warning -> assertThat(warning).startsWith("TASKQUEUE_MAX_INFLIGHT is no setting"),
                        warning -> assertThat(warning).startsWith("TASKQUEUE_METRICS_PORT is no setting"));
    }

    @Test
    void warningsAreToldBesideErrors() {
        assertThat(read(Map.of("TASKQUEUE_HTTP_PORT", "x", "TASKQUEUE_TYPO", "y"))
                        .warnings())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TASKQUEUE_PORT=tcp://10.0.0.1:8080",
                "TASKQUEUE_SERVICE_HOST=10.0.0.1",
                "TASKQUEUE_SERVICE_PORT=8080",
                "TASKQUEUE_SERVICE_PORT_METRICS=8080",
                "TASKQUEUE_PORT_8080_TCP=tcp://10.0.0.1:8080",
                "TASKQUEUE_PORT_8080_TCP_PROTO=tcp",
                "TASKQUEUE_PORT_8080_TCP_PORT=8080",
                "TASKQUEUE_PORT_8080_TCP_ADDR=10.0.0.1",
                "TASKQUEUE_PORT_53_UDP=udp://10.0.0.1:53",
                "TASKQUEUE_HTTP_PORT=tcp://10.0.0.1:80",
                "TASKQUEUE_HTTP_SERVICE_HOST=10.0.0.1",
                "TASKQUEUE_OPERATOR_SERVICE_PORT_HTTP=8080",
                "TASKQUEUE_OPERATOR_PORT_8080_TCP_ADDR=10.0.0.1"
            })
    void whatKubernetesSetsForAServiceOfThatNameIsIgnored(String variable) {
        String[] parts = variable.split("=", 2);
        var reading = read(Map.of(parts[0], parts[1]));
        assertThat(reading).isEqualTo(read(Map.of()));
        assertThat(reading.warnings()).isEmpty();
    }

    @Test
    void renewingFollowsFromTheLease() {
        assertThat(valid(Map.of()).renewDeadline()).isEqualTo(Duration.ofSeconds(10));
        assertThat(valid(Map.of()).retryPeriod()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void helpNamesEveryVariableWithItsDefault() {
        assertThat(Setting.ALL)
                .allSatisfy(setting -> assertThat(Config.help())
                        .contains(setting.name() + " (default: "
                                + (setting.fallback().isEmpty() ? "empty" : setting.fallback()) + ")")
                        .contains(setting.allowed()));
    }

    private Config.Reading read(Map<String, String> environment) {
        return Config.read(environment, podNamespace);
    }

    private Config valid(Map<String, String> environment) {
        var reading = read(environment);
        assertThat(reading).isInstanceOf(Config.Reading.Valid.class);
        assertThat(reading.warnings()).isEmpty();
        return ((Config.Reading.Valid) reading).config();
    }

    private List<String> invalid(Map<String, String> environment) {
        var reading = read(environment);
        assertThat(reading).isInstanceOf(Config.Reading.Invalid.class);
        return ((Config.Reading.Invalid) reading).errors();
    }
}
