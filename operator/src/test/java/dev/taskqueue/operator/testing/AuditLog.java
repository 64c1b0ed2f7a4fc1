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

/** What a kube-apiserver says its ServiceAccounts asked of it, and which role let them. Safe for use by several threads. */
final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** No names of users: those of the operators are not known yet. Nobody else here is a ServiceAccount but a few of the tests' own. */
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
    private final Map<String, OperatorAccount> followed = new ConcurrentHashMap<>();
    private long read;

    /**
     * A request that was allowed or denied.
     *
     * @param resource as {@link Permission} has it, or the path of what is no object
     * @param name of the object; empty where there is none
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

        /** Empty where it did not come so far, because the API server was busy, say. */
        private static String decision(JsonNode event) {
            return event.path("annotations")
                    .path("authorization.k8s.io/decision")
                    .asText();
        }
    }

    /** @param folder that lives as long as the API server */
    AuditLog(Path folder) throws IOException {
        policy = Files.writeString(folder.resolve("audit-policy.yaml"), POLICY);
        log = folder.resolve("audit.log");
    }

    /** Has the API server write it, in one file however long it gets. */
    List<String> flags() {
        return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + log, "--audit-log-maxsize=100000");
    }

    /** From now on this account is told of its requests, by {@link #read}. */
    void follow(OperatorAccount account) {
        followed.put(account.user(), account);
    }

    /** Tells the accounts of all requests since the last time. */
    void read() {
        read(true);
    }

    /** The same without those that were denied: until an API server is ready, it may not have learnt its roles yet. */
    void readOfUnready() {
        read(false);
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
            // A line that is being written is for the next time.
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
        OperatorAccount account = followed.get(event.at("/user/username").asText());
        if (account == null || Request.decision(event).isEmpty()) {
            return;
        }
        Request request = Request.of(event);
        // A watch is told of when it begins, too.
        if (event.path("stage").asText().equals("ResponseComplete")) {
            account.count(request);
        }
        if (request.allowed() || denied) {
            account.asked(request);
        }
    }
}
