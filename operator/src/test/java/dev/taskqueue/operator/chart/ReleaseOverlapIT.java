package dev.taskqueue.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.Helm;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Helm refuses a second release that would serve the namespaces of a first one, since each Task there would be sent twice. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM, Prerequisite.PROMETHEUS_CRDS})
class ReleaseOverlapIT {
    private static @Nullable ControlPlane started;

    private final ControlPlane plane = Objects.requireNonNull(started);
    private final Helm helm = Helm.on(plane);
    private final List<String> releases = new ArrayList<>();

    @BeforeAll
    static void start() {
        started = InstalledChart.prepare();
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.close();
        }
    }

    @AfterEach
    void uninstall() {
        releases.forEach(release -> helm.run("uninstall", release, "-n", InstalledChart.NAMESPACE));
    }

    /** The chart without objects of the whole cluster, apart from what a release for all namespaces needs. */
    private static String[] command(String verb, String release, String watched, String... more) {
        var args = new ArrayList<>(List.of(verb, release, Chart.FOLDER.toString(), "-n", InstalledChart.NAMESPACE));
        args.addAll(List.of("--set-json", "watchNamespaces=" + watched, "--set-json", "crds.enabled=false"));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    private void install(String release, String watched, String... more) {
        helm.run(command("install", release, watched, more));
        releases.add(release);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                       | []                     | all namespaces
            []                       | ["orders"]             | orders
            ["orders"]               | []                     | orders
            ["orders","shipping"]    | ["shipping"]           | shipping
            ["taskqueue-system"]     | ["taskqueue-system"]   | taskqueue-system
            """)
    void aReleaseThatServesTheSameIsRefused(String first, String second, String named) {
        install("one", first);
        assertThat(helm.refusal(command("install", "two", second)))
                .contains("the TaskQueue operator taskqueue-system/one-taskqueue serves " + named + " too")
                .contains("each Task there would be sent twice", "allowOverlap=true");
    }

    @Test
    void releasesWithNothingInCommonAndUpgradesAreAccepted() {
        install("one", "[\"orders\"]");
        install("two", "[\"shipping\"]");
        helm.run(command("upgrade", "one", "[\"orders\"]"));
        assertThat(helm.refusal(command("upgrade", "one", "[\"orders\",\"shipping\"]")))
                .contains("two-taskqueue serves shipping too");
    }

    @Test
    void aPlatformTeamMayOverlapOnPurpose() {
        install("one", "[\"orders\"]");
        install("two", "[\"orders\"]", "--set-json", "allowOverlap=true");
        // Nor does the release that was installed first begin to fail.
        helm.run(command("upgrade", "one", "[\"orders\"]"));
    }
}
