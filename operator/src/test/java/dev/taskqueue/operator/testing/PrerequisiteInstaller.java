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
 * Makes the prerequisites of the integration tests available before these run: what is not found is downloaded, else built from Go modules by
 * the scripts in {@code .ci}. Maven starts it once for each {@code verify}. What is still missing then is skipped by the tests.
 */
public final class PrerequisiteInstaller {
    private static final String SAYS = "[integration tests] ";

    private final InstalledPrograms programs;
    private final Installation download;
    private final Installation build;
    private final Consumer<String> output;

    /** One way to get something that is missing. */
    interface Installation {
        /**
         * Returns once it is there, or has turned out not to be available this way.
         *
         * @param what the script that builds it and the script's arguments; of no use to a download
         * @return why it failed; empty where it did not
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

    /** Ends with 1 where something is missing at the end and the environment says {@code CI=true}, else with 0. */
    public static void main(String[] arguments) {
        InstalledPrograms programs = InstalledPrograms.here();
        Consumer<String> output = System.out::println;
        var installer =
                new PrerequisiteInstaller(programs, what -> download(), what -> build(programs.folder(), what), output);
        boolean complete = installer.install().isEmpty();
        System.exit(complete || !"true".equals(programs.environment().get("CI")) ? 0 : 1);
    }

    /** Returns what is still missing. */
    List<Prerequisite> install() {
        if (!missing().isEmpty() && programs.mayBeAddedTo()) {
            downloadControlPlane();
            buildTheRest();
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

    /** By Fabric8's kube-api-test. Only this part of it is used: what it starts listens on all interfaces and takes no flags of ours. */
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

    /** What the script says goes to our own output. */
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
