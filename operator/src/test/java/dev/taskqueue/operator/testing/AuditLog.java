package dev.taskqueue.operator.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The requests of ServiceAccounts to a kube-apiserver, and the role that allowed each. Safe for use by several threads. */
final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Names no users: the accounts of the operators are not known yet. The only other ServiceAccounts here are a few of the tests. */
    private static final String POLICY = """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
            - {level: Metadata, userGroups: ["system:serviceaccounts"]}
            - {level: None}
            """;

    private final Path policy;
    private final Path log;
    private final Map<String, Follower> followed = new ConcurrentHashMap<>();
    private long read;

    /**
     * A request that was allowed or denied.
     *
     * @param resource in the form of {@link Permission}, or the path if the request is not for an object
     * @param name of the object; empty if there is none
     * @param reason why it was allowed; names the role
     */
    public record Request(String verb, String resource, String name, boolean allowed, String reason) {
        private static Request of(JsonNode event) {
            JsonNode object = event.path("objectRef");
            return new Request(
                    event.path("verb").asText(),
                    object.has("resource")
                            ? Permission.resource(
                                    object.path("apiGroup").asText(),
                                    object.path("resource").asText(),
                                    object.path("subresource").asText())
                            : event.path("requestURI").asText().replaceFirst("\\?.*", ""),
                    object.path("name").asText(),
                    decision(event).equals("allow"),
                    event.path("annotations")
                            .path("authorization.k8s.io/reason")
                            .asText());
        }

        /** The decision; empty if the API server did not decide, for example because it was busy. */
        private static String decision(JsonNode event) {
            return event.path("annotations")
                    .path("authorization.k8s.io/decision")
                    .asText();
        }
    }

    /** Is told of the requests of one user. */
    interface Follower {
        /** A request has been answered. */
        void count(Request request);

        /** A request was allowed or denied. A watch is told of twice: when it begins, and when it ends. */
        void asked(Request request);
    }

    /** @param folder that lives as long as the API server */
    AuditLog(Path folder) throws IOException {
        policy = Files.writeString(folder.resolve("audit-policy.yaml"), POLICY);
        log = folder.resolve("audit.log");
    }

    /** The flags that make the API server write the log, in one file of any length. */
    List<String> flags() {
        return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + log, "--audit-log-maxsize=100000");
    }

    /** From now on {@link #read} passes the requests of this user to the follower. */
    void follow(String user, Follower follower) {
        followed.put(user, follower);
    }

    /** Passes all requests since the last call to their accounts. */
    void read() {
        read(true);
    }

    /** Does the same without denied requests: until an API server is ready, it may not know its roles yet. */
    void readOfUnready() {
        read(false);
    }

    /**
     * Passes what is left of an API server that has ended, before the next one writes to the same file. A server that is killed may leave a part of
     * a line. That part goes: the next server's first line would be joined to it.
     */
    synchronized void readOfEnded() {
        readOfUnready();
        if (Files.exists(log)) {
            try (var file = new RandomAccessFile(log.toFile(), "rw")) {
                file.setLength(read);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private synchronized void read(boolean denied) {
        if (!Files.exists(log)) {
            return;
        }
        try (var file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(read);
            byte[] bytes = new byte[Math.toIntExact(file.length() - read)];
            file.readFully(bytes);
            int end = bytes.length;
            // An unfinished line is left for the next call.
            while (end > 0 && bytes[end - 1] != '\n') {
                end--;
            }
            for (String line : new String(bytes, 0, end, UTF_8).lines().toList()) {
                tell(JSON.readTree(line), denied);
            }
            read += end;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void tell(JsonNode event, boolean denied) {
        Follower follower = followed.get(event.at("/user/username").asText());
        if (follower == null || Request.decision(event).isEmpty()) {
            return;
        }
        Request request = Request.of(event);
        // A watch has another log entry at its beginning, which does not count.
        if (event.path("stage").asText().equals("ResponseComplete")) {
            follower.count(request);
        }
        if (request.allowed() || denied) {
            follower.asked(request);
        }
    }
}
