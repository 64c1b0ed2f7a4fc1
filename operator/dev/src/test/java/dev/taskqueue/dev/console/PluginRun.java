package dev.taskqueue.dev.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.controlplane.InstalledPrograms;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.PrerequisiteCondition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs the plugin in a shell, with a kubectl that talks to the embedded API server, at a time that does not move. */
final class PluginRun {
    static final Path PLUGIN =
            Path.of("../plugin/kubectl-taskqueue").toAbsolutePath().normalize();

    private static final List<String> TOOLS =
            List.of("awk", "sed", "date", "od", "mktemp", "mkfifo", "ls", "tr", "cat", "sleep", "rm", "grep", "tail");
    private final Path folder;
    private final List<String> shell;
    private final String kubeconfig;

    /** The shells that it must run in. */
    enum Shell {
        SYSTEM,
        BUSYBOX
    }

    /** What a run printed; {@code code} is its exit code. */
    record Said(int code, String out, String errors) {}

    PluginRun(Path folder, Shell shell, String kubeconfig) throws IOException {
        PrerequisiteCondition.checkDeclared(Prerequisite.CONTROL_PLANE);
        this.folder = Files.createDirectories(folder);
        this.kubeconfig =
                Files.writeString(folder.resolve("kubeconfig"), kubeconfig).toString();
        InstalledPrograms programs = InstalledPrograms.here();
        Files.createDirectories(folder.resolve("bin"));
        Files.createSymbolicLink(
                folder.resolve("bin/kubectl"),
                programs.controlPlane().orElseThrow().kubectl());
        if (shell == Shell.BUSYBOX) {
            PrerequisiteCondition.checkDeclared(Prerequisite.BUSYBOX);
            Path busybox = programs.onPath("busybox").orElseThrow();
            for (String tool : TOOLS) {
                Files.createSymbolicLink(folder.resolve("bin").resolve(tool), busybox);
            }
            this.shell = List.of(busybox.toString(), "sh");
        } else {
            this.shell = List.of("/bin/sh");
        }
        Files.deleteIfExists(folder.resolve("bin/date"));
        at(Instant.parse("2025-11-29T12:00:00Z"));
    }

    /** Sets the time from which ages are counted. */
    void at(Instant now) {
        try {
            Path date = Files.writeString(folder.resolve("bin/date"), """
            #!/bin/sh
            case $* in *%%s*) echo %d ;; *kubectl-*) echo kubectl-2025-11-29T12:00:00Z-1 ;; *) echo 2025-11-29T12:00:00Z ;; esac
            """.formatted(now.getEpochSecond()));
            Files.setPosixFilePermissions(date, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command to its end. */
    Said run(String input, String... arguments) {
        try {
            Path out = Files.createTempFile(folder, "out", "");
            Path errors = Files.createTempFile(folder, "errors", "");
            Path in = Files.writeString(Files.createTempFile(folder, "in", ""), input);
            Process process = builder(arguments)
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("does not end: " + Files.readString(out) + Files.readString(errors));
            }
            return new Said(process.exitValue(), Files.readString(out), Files.readString(errors));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Begins a command that goes on until it is stopped; {@code out} gets what it prints. */
    Process start(Path out, String... arguments) throws IOException {
        return builder(arguments)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
    }

    private ProcessBuilder builder(String... arguments) {
        var command = new ArrayList<>(shell);
        command.add(PLUGIN.toString());
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        builder.environment().put("KUBECONFIG", kubeconfig);
        builder.environment().put("NO_COLOR", "1");
        builder.environment().put("TASKQUEUE_NO_BROWSER", "1");
        builder.environment().put("TASKQUEUE_TOP_ONCE", "1");
        @Nullable String path = builder.environment().get("PATH");
        builder.environment().put("PATH", folder.resolve("bin") + ":" + path);
        return builder;
    }

    static String text(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
