package dev.taskqueue.dev.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.controlplane.ControlPlaneBinaries;
import dev.taskqueue.controlplane.ControlPlaneProcesses;
import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.PrerequisiteCondition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.IntFunction;
import org.awaitility.Awaitility;

/** A real kube-apiserver with our kinds. Objects are written straight into its etcd: creating 100,000 of them would take many minutes. */
final class RealApiServer implements AutoCloseable {
    private static final Path CRDS = Path.of("../../crds").toAbsolutePath().normalize();
    private static final Duration START = Duration.ofMinutes(5);
    /** So many writes etcd takes at once. */
    private static final int AT_ONCE = 100;

    private final ControlPlaneBinaries binaries;
    private final ControlPlaneProcesses processes;
    private final Path kubeconfig;
    private final Thread ender;
    private final HttpClient client = HttpClient.newHttpClient();

    /** An object as etcd keeps it: below a plural, with a namespace and a name. */
    record Stored(String plural, String namespace, String name, String json) {
        /** An object of ours; spec and status are JSON. */
        static Stored of(String plural, String kind, String namespace, String name, String spec, String status) {
            return new Stored(plural, namespace, name, """
                    {"apiVersion": "taskqueue.dev/v1beta1", "kind": "%s", "metadata": {"name": "%s", "namespace": "%s", "uid": "%s", "generation": 1,
                     "creationTimestamp": "2026-11-20T08:00:00Z"}, "spec": %s, "status": %s}
                    """.formatted(
                            kind,
                            name,
                            namespace,
                            java.util.UUID.nameUUIDFromBytes((plural + namespace + name).getBytes(UTF_8)),
                            spec,
                            status));
        }

        private String put() {
            String key = "/registry/taskqueue.dev/" + plural + "/" + namespace + "/" + name;
            return "{\"requestPut\": {\"key\": \"%s\", \"value\": \"%s\"}}".formatted(base64(key), base64(json));
        }

        private static String base64(String text) {
            return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
        }
    }

    RealApiServer() throws IOException {
        PrerequisiteCondition.checkDeclared(Prerequisite.CONTROL_PLANE);
        binaries = InstalledPrograms.here().controlPlane().orElseThrow();
        Path folder = ControlPlaneProcesses.newFolder();
        processes = new ControlPlaneProcesses(binaries, folder, List.of());
        ender = new Thread(processes::stop);
        Runtime.getRuntime().addShutdownHook(ender);
        Awaitility.await("its certificate").atMost(START).until(() -> {
            processes.checkAlive();
            return Files.exists(processes.certificate());
        });
        kubeconfig = folder.resolve("kubeconfig");
        Files.writeString(kubeconfig, kubeconfig());
        Awaitility.await("that it is ready").atMost(START).until(() -> {
            processes.checkAlive();
            return kubectl("get", "--raw", "/readyz").equals("ok");
        });
        kubectl("create", "-f", CRDS.toString());
        kubectl("wait", "--for=condition=Established", "--timeout=60s", "-f", CRDS.toString());
        kubectl("create", "namespace", "shop");
    }

    /** A kubeconfig, YAML, of an administrator. */
    String kubeconfig() {
        return processes.kubeconfig(processes.token());
    }

    /** Process ids of etcd and kube-apiserver. */
    List<Long> processIds() {
        return processes.ids();
    }

    /** Runs kubectl to its end, and returns what it prints, errors as well. */
    String kubectl(String... arguments) {
        try {
            Process process = command(arguments).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            process.waitFor();
            return said.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    ProcessBuilder command(String... arguments) {
        var command = new ArrayList<>(List.of(binaries.kubectl().toString(), "--kubeconfig", kubeconfig.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /** Writes objects as if they had been created. */
    void seed(int count, IntFunction<Stored> object) {
        for (int from = 0; from < count; from += AT_ONCE) {
            var puts = new ArrayList<String>();
            for (int number = from; number < Math.min(count, from + AT_ONCE); number++) {
                puts.add(object.apply(number).put());
            }
            write("{\"success\": [" + String.join(",", puts) + "]}");
        }
    }

    private void write(String transaction) {
        try {
            var request = HttpRequest.newBuilder(URI.create(processes.etcdUrl() + "/v3/kv/txn"))
                    .POST(BodyPublishers.ofString(transaction))
                    .build();
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
        Runtime.getRuntime().removeShutdownHook(ender);
        processes.stop();
    }
}
