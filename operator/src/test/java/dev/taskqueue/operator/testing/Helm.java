package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.testing.TestFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The real helm, with its own home folder. */
public final class Helm {
    private final CommandLine command;

    private Helm(Map<String, String> environment) {
        command = new CommandLine(Tools.helm(), TestFolders.create("helm"), environment);
    }

    /** Helm without a cluster. */
    public static Helm offline() {
        return new Helm(Map.of());
    }

    /** Helm for a control plane. */
    public static Helm on(ControlPlane plane) {
        try {
            Path kubeconfig = Files.writeString(TestFolders.create("helm").resolve("kubeconfig"), plane.kubeconfig());
            return new Helm(Map.of("KUBECONFIG", kubeconfig.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs helm and returns its stdout. If it fails, throws an error with its stderr. */
    public String run(String... args) {
        CommandLine.Answer answer = command.run("", List.of(args));
        if (answer.code() != 0) {
            throw new AssertionError("helm " + String.join(" ", args) + " ended with " + answer.code() + ": "
                    + answer.errors() + answer.output());
        }
        return answer.output();
    }

    /** Runs helm and returns its stderr. If it does not fail, throws an error. */
    public String refusal(String... args) {
        CommandLine.Answer answer = command.run("", List.of(args));
        if (answer.code() == 0) {
            throw new AssertionError("helm " + String.join(" ", args) + " did not fail");
        }
        return answer.errors();
    }
}
