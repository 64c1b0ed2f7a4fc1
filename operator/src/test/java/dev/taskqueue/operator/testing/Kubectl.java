package dev.taskqueue.operator.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The real kubectl, for one control plane, with its own home folder. */
final class Kubectl {
    private final CommandLine command;

    Kubectl(Path program, Path kubeconfig, Path home) {
        command = new CommandLine(program, home, Map.of("KUBECONFIG", kubeconfig.toString()));
    }

    /**
     * Runs kubectl to its end.
     *
     * @return its stdout
     * @throws KubectlFailed with its stderr and stdout, if its exit code is not 0
     */
    String run(String stdin, List<String> args) {
        CommandLine.Answer answer = command.run(stdin, args);
        if (answer.code() != 0) {
            throw new KubectlFailed("kubectl " + String.join(" ", args) + " ended with " + answer.code() + ": "
                    + answer.errors() + answer.output());
        }
        return answer.output();
    }
}
