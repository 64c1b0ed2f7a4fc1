package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubeapitest.binary.BinaryManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Installs the prerequisites of the integration tests before these run. If one is not found, it is downloaded, or else built from Go modules by the
 * scripts in {@code .ci}. Maven starts this once for each {@code verify}. Tests that need something that is still missing are skipped.
 */
public final class PrerequisiteInstaller {
    private static final String SAYS = "[integration tests] ";

    private final InstalledPrograms programs;
    private final Installation download;
    private final Installation build;
    private final Consumer<String> output;

    /** One way to install a missing prerequisite. */
    interface Installation {
        /**
         * Returns once the prerequisite is installed, or cannot be installed in this way.
         *
         * @param what the script that builds it and the script's arguments; a download does not use it
         * @return why it failed; empty if it did not fail
         */
        Optional<String> run(List<String> what);
    }

    PrerequisiteInstaller(
            InstalledPrograms programs, Installation download, Installation build, Consumer<String> output) {
        this.programs = programs;
        this.download = download;
        this.build = build;
        this.output = output;
    }

    /** Ends with 1 if something is missing at the end and the environment says {@code CI=true}, else with 0. */
    public static void main(String[] arguments) {
        InstalledPrograms programs = InstalledPrograms.here();
        Consumer<String> output = System.out::println;
        var installer =
                new PrerequisiteInstaller(programs, what -> download(), what -> build(programs.folder(), what), output);
        boolean complete = installer.install().isEmpty();
        System.exit(complete || !"true".equals(programs.environment().get("CI")) ? 0 : 1);
    }

    /** Installs everything that is missing, and returns what is still missing. */
    List<Prerequisite> install() {
        if (!missing().isEmpty() && programs.mayBeAddedTo()) {
            downloadControlPlane();
            buildTheRest();
            installClients();
        }
        List<Prerequisite> missing = missing();
        if (!missing.isEmpty()) {
            say(Prerequisite.absence(missing, programs));
        }
        return missing;
    }

    private void downloadControlPlane() {
        if (!Prerequisite.CONTROL_PLANE.isMet(programs)) {
            say("There is no kube-apiserver and etcd in " + programs.folder() + ": downloading them, once.");
            download.run(List.of()).ifPresent(why -> say("They cannot be downloaded: " + why));
        }
    }

    private void buildTheRest() {
        List<List<String>> builds = Stream.of(controlPlane(), tools())
                .filter(what -> !what.isEmpty())
                .toList();
        if (builds.isEmpty() || programs.onPath("go").isEmpty()) {
            return;
        }
        for (List<String> what : builds) {
            say("Building with Go what is missing in " + programs.folder() + ", once. It takes some minutes: "
                    + String.join(" ", what));
            build.run(what).ifPresent(why -> say("It cannot be built: " + why));
        }
    }

    private void installClients() {
        for (Prerequisite client :
                List.of(Prerequisite.PYTHON_CLIENT, Prerequisite.NODE_CLIENT, Prerequisite.GO_CLIENT)) {
            if (!client.isMet(programs) && programs.onPath(client.builder()).isPresent()) {
                say("Installing Google's client for Cloud Tasks into " + programs.folder() + ", once: "
                        + client.script());
                build.run(List.of(client.script())).ifPresent(why -> say("It cannot be installed: " + why));
            }
        }
    }

    private List<String> controlPlane() {
        String script = Prerequisite.CONTROL_PLANE.script();
        if (!Prerequisite.CONTROL_PLANE.isMet(programs)) {
            return List.of(script);
        }
        return Prerequisite.CONTROLLER_MANAGER.isMet(programs) ? List.of() : List.of(script, "kube-controller-manager");
    }

    private List<String> tools() {
        return missing().stream()
                .map(Prerequisite::script)
                .filter(script -> script.equals(Prerequisite.HELM.script()))
                .limit(1)
                .toList();
    }

    private List<Prerequisite> missing() {
        return Stream.of(Prerequisite.values())
                .filter(prerequisite -> !prerequisite.isMet(programs))
                .toList();
    }

    private void say(String sentence) {
        output.accept(SAYS + sentence);
    }

    /** Downloads by Fabric8's kube-api-test. Only this part of it is used: its processes listen on all interfaces and do not take our flags. */
    private static Optional<String> download() {
        try {
            new BinaryManager(new KubeAPIServerConfigBuilder()
                            .withUpdateKubeConfig(false)
                            .build())
                    .initAndDownloadIfRequired();
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(e.toString());
        }
    }

    /** Runs a script. The script's output goes to our own output. */
    private static Optional<String> build(Path folder, List<String> what) {
        Path script = ControlPlane.repository().resolve(what.getFirst());
        List<String> command = Stream.concat(
                        Stream.of("bash", script.toString()), what.stream().skip(1))
                .toList();
        try {
            var builder = new ProcessBuilder(command).inheritIO();
            builder.environment()
                    .put(InstalledPrograms.FOLDER, folder.toAbsolutePath().toString());
            int code = builder.start().waitFor();
            return code == 0 ? Optional.empty() : Optional.of(script + " ended with " + code + ".");
        } catch (IOException e) {
            return Optional.of(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(e.toString());
        }
    }
}
