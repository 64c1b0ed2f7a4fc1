package dev.taskqueue.operator.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.LoggerFactory;

/** The real helm, with a home of its own. */
public final class Helm {
    private static final String MISSING = "No helm here, so this test cannot run; .ci/tools/build.sh builds it.";

    private final CommandLine command;

    private Helm(Path program, Map<String, String> environment) {
        command = new CommandLine(program, newFolder(), environment);
    }

    /** Not connected to a cluster. Aborts the running test where there is no helm; fails it where the environment says {@code CI=true}. */
    public static Helm offline() {
        return new Helm(find(), Map.of());
    }

    /** The same, against a control plane. */
    public static Helm on(ControlPlane plane) {
        try {
            Path kubeconfig = Files.writeString(newFolder().resolve("kubeconfig"), plane.kubeconfig());
            return new Helm(find(), Map.of("KUBECONFIG", kubeconfig.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where {@code .ci/tools/build.sh} puts what it builds. */
    public static Path tools() {
        String folder = System.getenv("KUBE_API_TEST_DIR");
        return (folder == null ? Path.of(System.getProperty("user.home"), ".kubeapitest") : Path.of(folder))
                .resolve("tools");
    }

    /** Which helm is run: the newest that was built, else the one of this machine. */
    public static Path find() {
        return built().or(Helm::installed).orElseGet(Helm::missing);
    }

    private static Optional<Path> built() {
        if (!Files.isDirectory(tools())) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(tools())) {
            return all.filter(file -> file.getFileName().toString().matches("helm-[0-9.]+"))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> installed() {
        return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
                .map(folder -> Path.of(folder, "helm"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Path missing() {
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException(MISSING);
        }
        LoggerFactory.getLogger(Helm.class).warn("SKIPPED: {}", MISSING);
        return Assumptions.abort(MISSING);
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("helm");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs it and returns its stdout; an error with its stderr where it fails. */
    public String run(String... args) {
        CommandLine.Answer answer = command.run("", List.of(args));
        if (answer.code() != 0) {
            throw new AssertionError("helm " + String.join(" ", args) + " ended with " + answer.code() + ": "
                    + answer.errors() + answer.output());
        }
        return answer.output();
    }

    /** Runs it and returns its stderr; an error where it does not fail. */
    public String refusal(String... args) {
        CommandLine.Answer answer = command.run("", List.of(args));
        if (answer.code() == 0) {
            throw new AssertionError("helm " + String.join(" ", args) + " did not fail");
        }
        return answer.errors();
    }
}
