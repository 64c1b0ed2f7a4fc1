package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.testing.TestFolders;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A reader's shell: bash in the root of the repository, with the real kubectl and helm on its PATH. It has its own home and kubeconfig, which stay
 * from one script to the next.
 */
public final class Shell {
    private final CommandLine bash;

    Shell(Path kubectl, String kubeconfig) {
        try {
            Path home = TestFolders.create("shell");
            Path programs = Files.createDirectory(home.resolve("bin"));
            Files.createSymbolicLink(programs.resolve("kubectl"), kubectl);
            Files.createSymbolicLink(programs.resolve("helm"), Tools.helm());
            Path config = Files.writeString(home.resolve("kubeconfig"), kubeconfig);
            bash = new CommandLine(
                    Path.of("bash"),
                    home,
                    Map.of(
                            "PATH", programs + File.pathSeparator + System.getenv("PATH"),
                            "KUBECONFIG", config.toString(),
                            "REPOSITORY", ControlPlane.repository().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs a script until its end or its first failure. Returns the output that a terminal would show, both streams together. Throws if the script
     * fails.
     */
    public String run(String script) {
        CommandLine.Answer answer =
                bash.run("", List.of("-euo", "pipefail", "-c", "exec 2>&1; cd $REPOSITORY\n" + script));
        if (answer.code() != 0) {
            throw new AssertionError("This ended with " + answer.code() + ":\n" + script + "\n" + answer.output());
        }
        return answer.output();
    }
}
