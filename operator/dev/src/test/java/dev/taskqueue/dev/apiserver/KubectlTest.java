package dev.taskqueue.dev.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.InstalledPrograms;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** Every kubectl of this machine: the one on the PATH, and those in the folder of Fabric8's kube-api-test. */
class KubectlTest {
    private static final String MANIFESTS = """
            apiVersion: taskqueue.dev/v1beta1
            kind: TaskQueue
            metadata: {name: q}
            spec: {rateLimits: {maxDispatchesPerSecond: "0.5"}}
            ---
            apiVersion: taskqueue.dev/v1beta1
            kind: Task
            metadata: {name: t}
            spec: {queueRef: {name: q}, httpRequest: {serviceRef: {name: w}, path: /a}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: w}
            spec: {ports: [{name: http, port: 80}]}
            """;

    @TempDir
    Path home;

    static List<Path> kubectls() throws IOException {
        var places = new ArrayList<Path>();
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(Path::of)
                .forEach(places::add);
        Path kept = InstalledPrograms.here().folder().resolve("k8s");
        if (Files.isDirectory(kept)) {
            try (Stream<Path> versions = Files.list(kept)) {
                versions.forEach(places::add);
            }
        }
        List<Path> found = places.stream()
                .map(folder -> folder.resolve("kubectl"))
                .filter(Files::isExecutable)
                .map(KubectlTest::real)
                .distinct()
                .toList();
        return found.isEmpty() ? List.of(Path.of("missing")) : found;
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @ParameterizedTest
    @MethodSource("kubectls")
    void worksAsWithACluster(Path kubectl) throws Exception {
        if (!Files.isExecutable(kubectl)) {
            String missing = "No kubectl on the PATH, so it is not tried against the embedded API server.";
            LoggerFactory.getLogger(KubectlTest.class).warn("SKIPPED: {}", missing);
            Assumptions.abort(missing);
        }
        try (var server = EmbeddedApiServer.start(0, InstantSource.system())) {
            Path kubeconfig = Files.writeString(home.resolve("kubeconfig"), server.kubeconfig());
            Path manifests = Files.writeString(home.resolve("manifests.yaml"), MANIFESTS);
            new Session(kubectl, kubeconfig, home, manifests.toString()).play();
        }
    }

    private record Session(Path kubectl, Path kubeconfig, Path home, String manifests) {
        void play() throws Exception {
            assertThat(run("create", "-f", manifests)).contains("task.taskqueue.dev/t created");
            assertThat(fails("create", "-f", manifests)).contains("tasks.taskqueue.dev \"t\" already exists");
            assertThat(run("get", "tq").lines().toList())
                    .satisfiesExactly(
                            head -> assertThat(head)
                                    .isEqualToNormalizingWhitespace(
                                            "NAME READY STATE RATE CONCURRENCY TASKS DISPATCHING BLOCKED AGE"),
                            row -> assertThat(row)
                                    .startsWith("q ")
                                    .contains("0.5")
                                    .contains("1000"));
            assertThat(run("get", "qtask", "-o", "wide"))
                    .contains("TARGET")
                    .contains("Pending")
                    .containsPattern("(?m) w ");
            assertThat(run("get", "taskqueue", "q", "-o", "name")).contains("taskqueue.taskqueue.dev/q");
            assertThat(run("get", "taskqueue-all"))
                    .contains("taskqueue.taskqueue.dev/q")
                    .contains("task.taskqueue.dev/t");
            assertThat(run(
                            "get",
                            "tasks.taskqueue.dev",
                            "-A",
                            "--field-selector",
                            "spec.queueRef.name=q,status.state=Pending"))
                    .contains("default");
            assertThat(run("describe", "qtask", "t")).contains("Path:  /a").contains("Events:");
            assertThat(run("explain", "qtask.spec.delay")).contains("FIELD: delay");
            change();
            refuse();
            apply();
            watchAndDelete();
        }

        private void change() throws Exception {
            run("annotate", "qtask", "t", "taskqueue.dev/run-now=1");
            run("label", "qtask", "t", "x=y");
            assertThat(run("get", "qtask", "-l", "x=y", "-o", "jsonpath={.items[0].metadata.annotations}"))
                    .contains("run-now");
            run("patch", "svc", "w", "-p", "{\"spec\":{\"ports\":[{\"port\":81,\"name\":\"b\"}]}}");
            assertThat(run("get", "svc", "w", "-o", "jsonpath={.spec.ports[*].port}"))
                    .isEqualTo("80 81");
            run("patch", "qtask", "t", "--subresource=status", "--type=merge", "-p", """
                    {"status": {"conditions": [{"type": "Finished", "status": "True", "reason": "Delivered", "message": "m",
                      "lastTransitionTime": "2026-11-21T09:00:00Z"}]}}
                    """);
            assertThat(run("wait", "--for=condition=Finished", "qtask/t", "--timeout=20s"))
                    .contains("condition met");
        }

        private void refuse() throws Exception {
            assertThat(fails("patch", "qtask", "t", "--type=merge", "-p", "{\"spec\":{\"delay\":\"1s\"}}"))
                    .contains("The Task \"t\" is invalid")
                    .contains("the spec of a Task never changes");
            Path typo = Files.writeString(
                    home.resolve("typo.yaml"),
                    MANIFESTS.replace("path: /a", "pth: /a").replace("name: t}", "name: typo}"));
            assertThat(fails("create", "-f", typo.toString())).contains("unknown field \"spec.httpRequest.pth\"");
            assertThat(fails("get", "qtask", "none")).contains("tasks.taskqueue.dev \"none\" not found");
        }

        private void apply() throws Exception {
            assertThat(run("apply", "-f", manifests)).contains("taskqueue.taskqueue.dev/q configured");
            assertThat(run("apply", "-f", manifests)).contains("taskqueue.taskqueue.dev/q unchanged");
            Path other = Files.writeString(home.resolve("other.yaml"), MANIFESTS.replace("\"0.5\"", "7"));
            run("apply", "--server-side", "-f", other.toString());
            assertThat(run("get", "tq", "q", "-o", "jsonpath={.spec.rateLimits.maxDispatchesPerSecond}"))
                    .isEqualTo("7");
        }

        private void watchAndDelete() throws Exception {
            Process watch = start("get", "qtask", "-w", "--output-watch-events");
            try (var lines = watch.inputReader(UTF_8)) {
                assertThat(lines.readLine()).startsWith("EVENT").contains("QUEUE");
                assertThat(lines.readLine()).startsWith("ADDED").contains(" t ");
                assertThat(run("delete", "qtask", "t", "--wait=true")).contains("deleted");
                assertThat(lines.readLine()).startsWith("DELETED").contains(" t ");
            } finally {
                watch.destroy();
            }
            run("delete", "-f", manifests, "--ignore-not-found");
            assertThat(run("get", "tq", "-o", "name")).isEmpty();
        }

        private String run(String... args) throws Exception {
            Process process = start(args);
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            String errors = Files.readString(home.resolve("stderr"));
            assertThat(process.waitFor())
                    .as("kubectl %s: %s%s", String.join(" ", args), said, errors)
                    .isZero();
            return said;
        }

        private String fails(String... args) throws Exception {
            Process process = start(args);
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor())
                    .as("kubectl %s: %s", String.join(" ", args), said)
                    .isNotZero();
            return Files.readString(home.resolve("stderr"));
        }

        private Process start(String... args) throws IOException {
            var command = new ArrayList<>(List.of(kubectl.toString()));
            command.addAll(List.of(args));
            var builder = new ProcessBuilder(command)
                    .redirectError(home.resolve("stderr").toFile());
            builder.environment().put("KUBECONFIG", kubeconfig.toString());
            builder.environment().put("HOME", home.toString());
            return builder.start();
        }
    }
}
