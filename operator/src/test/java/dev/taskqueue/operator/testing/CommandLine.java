package dev.taskqueue.operator.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a program to its end, with its own home folder. */
final class CommandLine {
    private final Path program;
    private final Path home;
    private final Map<String, String> environment;

    /** The exit code and the output of a program. */
    record Answer(int code, String output, String errors) {}

    /** Adds these variables to those of this process. */
    CommandLine(Path program, Path home, Map<String, String> environment) {
        this.program = program;
        this.home = home;
        this.environment = environment;
    }

    Answer run(String stdin, List<String> args) {
        var command = new ArrayList<>(List.of(program.toString()));
        command.addAll(args);
        try {
            Path errors = Files.createTempFile(home, "command", ".err");
            var builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().putAll(environment);
            builder.environment().put("HOME", home.toString());
            Process process = builder.start();
            try (var in = process.getOutputStream()) {
                in.write(stdin.getBytes(UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int code = process.waitFor();
            String said = Files.readString(errors);
            Files.delete(errors);
            return new Answer(code, output, said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
