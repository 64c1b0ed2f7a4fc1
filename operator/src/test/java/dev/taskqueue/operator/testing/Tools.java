package dev.taskqueue.operator.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.LoggerFactory;

/** What {@code .ci/tools/build.sh} makes available, or this machine has anyway. */
public final class Tools {
    private Tools() {}

    /** A program: the one that was built, else the one on the PATH. Aborts the running test where there is none; fails it under {@code CI=true}. */
    public static Path program(String name) {
        return built(name + "-[0-9.]+").or(() -> installed(name)).orElseGet(() -> missing(name));
    }

    /** The CRDs of the Prometheus operator, as a folder; likewise. */
    public static Path prometheusCrds() {
        String name = "prometheus-operator";
        return built(name + "-[0-9.]+").orElseGet(() -> missing("CRDs of " + name));
    }

    private static Optional<Path> built(String name) {
        String environment = System.getenv("KUBE_API_TEST_DIR");
        Path folder =
                environment == null ? Path.of(System.getProperty("user.home"), ".kubeapitest") : Path.of(environment);
        if (!Files.isDirectory(folder.resolve("tools"))) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(folder.resolve("tools"))) {
            return all.filter(file -> file.getFileName().toString().matches(name))
                    .max(Comparator.comparingLong(Tools::changed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** After a change of version both lie there; the one built last is the one that is pinned. */
    private static long changed(Path file) {
        return file.toFile().lastModified();
    }

    private static Optional<Path> installed(String name) {
        return Stream.of(Objects.requireNonNullElse(System.getenv("PATH"), "").split(":", -1))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Path missing(String name) {
        String message = "No " + name
                + " here, so this test cannot run; install it, or let .ci/tools/build.sh build what it can.";
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException(message);
        }
        LoggerFactory.getLogger(Tools.class).warn("SKIPPED: {}", message);
        return Assumptions.abort(message);
    }
}
