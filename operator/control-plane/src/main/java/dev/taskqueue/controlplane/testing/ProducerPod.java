package dev.taskqueue.controlplane.testing;

import dev.taskqueue.controlplane.CredentialsFile;
import dev.taskqueue.controlplane.InstalledPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Stands for the Pod of a program that uses Cloud Tasks and knows nothing of us. It has hostAliases: a hosts file that leads {@code
 * cloudtasks.googleapis.com} to a gateway. It has the credentials file, a projected token, and the variables that name them and the roots.
 */
public final class ProducerPod implements AutoCloseable {
    private static final String HOST = "cloudtasks.googleapis.com";
    private final Path folder;
    private final PortRelay relay;
    private final Path roots;

    private ProducerPod(Path folder, PortRelay relay, Path roots) {
        this.folder = folder;
        this.relay = relay;
        this.roots = roots;
    }

    /**
     * Makes the Pod. The test is skipped if this user may not mount a hosts file or open port 443. If the environment says {@code CI=true}, it fails
     * instead.
     *
     * @param roots the folder of the gateway's {@link dev.taskqueue.controlplane.LocalCertificate}
     * @param gatewayPort of 127.0.0.1, with TLS
     */
    public static ProducerPod of(Path roots, int gatewayPort) {
        try {
            Path folder = TestFolders.create("producer-pod-");
            PortRelay relay = PortRelay.to(gatewayPort);
            var pod = new ProducerPod(folder, relay, roots);
            Files.writeString(pod.hosts(), "127.0.0.1 localhost\n" + relay.address() + " " + HOST + "\n");
            CredentialsFile.write(folder.resolve("credentials.json"), pod.token());
            if (pod.start(List.of("true"), folder, Map.of(), folder.resolve("try"))
                            .waitFor()
                    != 0) {
                missing("may not mount a hosts file of its own: " + Files.readString(errors(folder.resolve("try"))));
            }
            return pod;
        } catch (IOException refused) {
            return missing("may not open port 443, or has no program unshare: " + refused);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stop);
        }
    }

    private static ProducerPod missing(String what) {
        String message = "Unchanged programs cannot be run here, because this user " + what;
        if ("true".equals(InstalledPrograms.here().environment().get("CI"))) {
            throw new IllegalStateException(message);
        }
        return Assumptions.abort(message);
    }

    private Path hosts() {
        return folder.resolve("hosts");
    }

    private Path token() {
        return folder.resolve("token");
    }

    /** Replaces the projected token in one step, as the kubelet does. */
    public ProducerPod withToken(String token) {
        try {
            Path next = Files.writeString(folder.resolve("token.next"), token);
            Files.move(next, token(), StandardCopyOption.ATOMIC_MOVE);
            return this;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The file with the projected token, for programs that are told of it. */
    public Path tokenFile() {
        return token();
    }

    /** The variables of the Pod. */
    public Map<String, String> environment() {
        String certificate = roots.resolve("tls.crt").toString();
        return Map.of(
                "GOOGLE_APPLICATION_CREDENTIALS",
                folder.resolve("credentials.json").toString(),
                "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                certificate,
                "REQUESTS_CA_BUNDLE",
                certificate,
                "NODE_EXTRA_CA_CERTS",
                certificate,
                "SSL_CERT_FILE",
                certificate,
                "CURL_CA_BUNDLE",
                certificate,
                "JAVA_TOOL_OPTIONS",
                "-Djavax.net.ssl.trustStorePassword=changeit -Djavax.net.ssl.trustStore=" + roots.resolve("roots.p12"));
    }

    /** The command that runs this one with the hosts file of the Pod. */
    public List<String> command(List<String> program) {
        var command = new ArrayList<>(List.of(
                "unshare", "--mount", "sh", "-c", "mount --bind " + hosts() + " /etc/hosts && exec \"$@\"", "sh"));
        command.addAll(program);
        return List.copyOf(command);
    }

    /** Runs a program to its end, and returns its output. Standard error is in it only if the program fails. */
    public String run(List<String> program, Path workingFolder, Map<String, String> more) throws InterruptedException {
        try {
            Path said = Files.createTempFile(folder, "said", ".log");
            Process process = start(program, workingFolder, more, said);
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                return "did not end:\n" + Files.readString(said);
            }
            String errors = process.exitValue() == 0 ? "" : Files.readString(errors(said));
            return Files.readString(said) + errors;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Path errors(Path said) {
        return said.resolveSibling(said.getFileName() + ".err");
    }

    private Process start(List<String> program, Path workingFolder, Map<String, String> more, Path said)
            throws IOException {
        var builder = new ProcessBuilder(command(program))
                .directory(workingFolder.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(said.toFile())
                .redirectError(errors(said).toFile());
        builder.environment().putAll(environment());
        builder.environment().putAll(more);
        Stream.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
                .flatMap(name -> Stream.of(name, name.toLowerCase(java.util.Locale.ROOT)))
                .forEach(builder.environment()::remove);
        return builder.start();
    }

    @Override
    public void close() {
        relay.close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
