package dev.taskqueue.operator.testing;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The real kubectl, against one control plane, with a home of its own. */
final class Kubectl {
    private final CommandLine command;

    Kubectl(Path program, Path kubeconfig, Path home) {
        command = new CommandLine(program, home, Map.of("KUBECONFIG", kubeconfig.toString()));
    }

    /**
     * Runs it to its end.
     *
     * @return what it wrote to stdout
     * @throws KubectlFailed with what it wrote to stderr and stdout, where it ended with another code than 0
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
