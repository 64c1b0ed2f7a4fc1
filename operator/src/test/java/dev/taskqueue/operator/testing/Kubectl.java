package dev.taskqueue.operator.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real kubectl, against one control plane, with a home of its own. */
final class Kubectl {
    private final Path program;
    private final Path kubeconfig;
    private final Path home;

    Kubectl(Path program, Path kubeconfig, Path home) {
        this.program = program;
        this.kubeconfig = kubeconfig;
        this.home = home;
    }

    /**
     * Runs it to its end.
     *
     * @return what it wrote to stdout
     * @throws KubectlFailed with what it wrote to stderr, where it ended with another code than 0
     */
    String run(String stdin, List<String> args) {
        var command = new ArrayList<>(List.of(program.toString()));
        command.addAll(args);
        try {
            Path errors = Files.createTempFile(home, "kubectl", ".err");
            var builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().put("KUBECONFIG", kubeconfig.toString());
            builder.environment().put("HOME", home.toString());
            Process process = builder.start();
            try (var in = process.getOutputStream()) {
                in.write(stdin.getBytes(UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int code = process.waitFor();
            String said = Files.readString(errors);
            Files.delete(errors);
            if (code != 0) {
                throw new KubectlFailed("kubectl " + String.join(" ", args) + " ended with " + code + ": " + said);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
