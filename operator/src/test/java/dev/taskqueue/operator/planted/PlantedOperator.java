package dev.taskqueue.operator.planted;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** The operator with one bug, or without any: the classes that differ are in a directory in front of the class path. It runs in JVMs of its own. */
final class PlantedOperator {
    private static final Path WORK = Path.of("target/planted");
    private static final Path SOURCES = Path.of("..", "operator", "src", "main", "java");
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    /** The flags that the simulation needs, and others of the user's choice. */
    private static final List<String> FLAGS =
            List.of(System.getProperty("planted.jvm", "").split(" ", -1));

    private static final Duration LONGEST_RUN = Duration.ofMinutes(15);

    private final Path directory;
    private final List<String> packages;

    private PlantedOperator(Path directory, List<String> packages) {
        this.directory = directory;
        this.packages = packages;
    }

    static PlantedOperator unchanged() throws IOException {
        return new PlantedOperator(Files.createDirectories(WORK.resolve("unchanged")), List.of());
    }

    /** Compiles the sources that a bug changes. */
    static PlantedOperator with(PlantedBug bug) throws IOException {
        Path directory = WORK.resolve(bug.name());
        Path classes = Files.createDirectories(directory.resolve("classes"));
        var files = new ArrayList<Path>();
        write(bug, directory.resolve("sources"), files);
        compile(List.of(bug.name()), files, classes);
        return new PlantedOperator(
                directory,
                bug.edits().stream().map(PlantedOperator::packageOf).distinct().toList());
    }

    private static String packageOf(PlantedBug.Edit edit) {
        Path directory =
                Objects.requireNonNull(SOURCES.relativize(edit.file()).getParent(), "a source is in a package");
        return directory.toString().replace(File.separatorChar, '.');
    }

    private static void compile(List<String> bugs, List<Path> files, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        var messages = new StringWriter();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            var options = List.of("-d", classes.toString(), "-cp", CLASS_PATH, "-proc:none", "-parameters", "-nowarn");
            boolean done = compiler.getTask(
                            messages, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            if (!done) {
                throw new IllegalStateException("with " + bugs + " the operator does not compile:\n" + messages);
            }
        }
    }

    /**
     * Compiles bugs that change no file in common, together, and keeps nothing of it.
     *
     * @param classes a directory for the result
     */
    static void check(List<PlantedBug> bugs, Path classes) throws IOException {
        var files = new ArrayList<Path>();
        for (PlantedBug bug : bugs) {
            write(bug, classes.resolve(bug.name()), files);
        }
        compile(bugs.stream().map(PlantedBug::name).toList(), files, classes);
    }

    private static void write(PlantedBug bug, Path sources, List<Path> files) throws IOException {
        for (Map.Entry<Path, String> source : bug.plant().entrySet()) {
            Path file = sources.resolve(SOURCES.relativize(source.getKey()));
            Files.createDirectories(file.getParent());
            files.add(Files.writeString(file, source.getValue()));
        }
    }

    /** The packages of the changed classes. */
    List<String> packages() {
        return packages;
    }

    /**
     * Runs a main class in front of this operator.
     *
     * @return the lines that it has printed
     */
    List<String> run(String main, List<String> arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        FLAGS.stream().filter(flag -> !flag.isBlank()).forEach(command::add);
        command.addAll(List.of("-cp", directory.resolve("classes") + File.pathSeparator + CLASS_PATH, main));
        command.addAll(arguments);
        Path output = directory.resolve(main.substring(main.lastIndexOf('.') + 1) + ".log");
        Process child = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!child.waitFor(LONGEST_RUN.toSeconds(), TimeUnit.SECONDS)) {
            child.destroyForcibly().waitFor();
            throw new IllegalStateException(main + " did not end within " + LONGEST_RUN + ", see " + output);
        }
        List<String> lines = Files.readAllLines(output);
        if (child.exitValue() != 0) {
            throw new IllegalStateException(main + " ended with " + child.exitValue() + ", see " + output);
        }
        return lines;
    }
}
