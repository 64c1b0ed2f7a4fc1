package dev.taskqueue.dev;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.LoggerFactory;

/**
 * The languages of {@code samples/orders}, and how to start the programs of each. The packages of a language are installed from the sample's lock
 * file into {@code target}, once for each state of that file. The sample's sources are copied beside them.
 */
enum ShopLanguage {
    JAVA("java", "pom.xml"),
    NODE("node", "package-lock.json"),
    PYTHON("python", "requirements.txt");

    private static final Path SAMPLE = Path.of("../../samples/orders");
    private static final Path BUILD = Path.of("target", "samples", "orders");
    private static final long MINUTES_TO_INSTALL = 15;

    private final String folder;
    private final String lock;

    ShopLanguage(String folder, String lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** The folder in which to start its programs. */
    Path folder() {
        return BUILD.resolve(folder).toAbsolutePath();
    }

    /** @param part {@code api} or {@code worker} */
    List<String> command(String part) {
        return switch (this) {
            case JAVA ->
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-classpath",
                        System.getProperty("java.class.path"),
                        "dev.taskqueue.samples.orders.Shop",
                        part);
            case NODE -> List.of("node", part + ".js");
            case PYTHON -> List.of(python(), part + ".py");
        };
    }

    /** The sample's own tests; those in Java run with Maven. */
    Optional<List<String>> tests() {
        return switch (this) {
            case JAVA -> Optional.empty();
            case NODE -> Optional.of(List.of("node", "--test"));
            case PYTHON -> Optional.of(List.of(python(), "-m", "unittest"));
        };
    }

    private String python() {
        return folder().resolve(".venv/bin/python").toString();
    }

    /** Aborts the test if the language or its packages are not available. If the environment says {@code CI=true}, the test fails instead. */
    void install() throws InterruptedException {
        copySources();
        Path mark = folder().resolve("installed");
        String state = read(folder().resolve(lock));
        if (this == JAVA || (Files.exists(mark) && read(mark).equals(state))) {
            return;
        }
        if (this == NODE) {
            onPath("node");
            run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
        } else {
            run(onPath("python3"), "-m", "venv", "--clear", ".venv");
            run(python(), "-m", "pip", "install", "-q", "--require-hashes", "-r", lock);
        }
        write(mark, state);
    }

    private void run(String program, String... arguments) throws InterruptedException {
        var command = new ArrayList<>(List.of(program.contains(File.separator) ? program : onPath(program)));
        command.addAll(List.of(arguments));
        try (var process = new SampleProcess(command, folder(), Map.of())) {
            if (process.await(MINUTES_TO_INSTALL) != 0) {
                missing("what " + folder().resolve(lock) + " names cannot be installed:\n" + process.said());
            }
        }
    }

    private static String onPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseGet(() -> missing("there is no " + program + " on the PATH"));
    }

    private static String missing(String what) {
        String message = "A sample in another language cannot be tried: " + what + ".";
        if ("true".equals(System.getenv("CI"))) {
            throw new IllegalStateException(message);
        }
        LoggerFactory.getLogger(ShopLanguage.class).warn("SKIPPED: {}", message);
        return Assumptions.abort(message);
    }

    private void copySources() {
        copy(SAMPLE.resolve("task-names.csv"), BUILD.resolve("task-names.csv"));
        Path from = SAMPLE.resolve(folder);
        try (var all = Files.walk(from, 2)) {
            all.filter(Files::isRegularFile)
                    .filter(file -> file.toString().matches(".*\\.(js|json|py|txt|xml)"))
                    .filter(file -> !file.toString().contains("node_modules"))
                    .forEach(file -> copy(file, folder().resolve(from.relativize(file))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to.getParent());
            // Copies in one step, because several JVMs copy the shared files at the same time.
            Path copied = Files.createTempFile(to.getParent(), "copy", "");
            Files.copy(from, copied, StandardCopyOption.REPLACE_EXISTING);
            Files.move(copied, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
