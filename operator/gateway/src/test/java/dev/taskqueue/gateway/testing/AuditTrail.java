package dev.taskqueue.gateway.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The API server's audit log, as far as it is about the gateway's account. */
public final class AuditTrail {
    private static final String USER = "system:serviceaccount:" + ClusterRights.NAMESPACE + ":" + ClusterRights.GATEWAY;
    private static final String POLICY = """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
            - {level: Metadata, users: ["%s"]}
            - {level: None}
            """.formatted(USER);

    private final Path policy;
    private final Path log;

    /**
     * A request of the gateway.
     *
     * @param actedAs the user whom it impersonated; empty = none
     * @param resource with its API group, such as {@code tasks.taskqueue.dev}
     */
    public record Entry(String verb, String resource, String name, String actedAs, boolean allowed, int code) {
        private static Entry of(JsonNode event) {
            JsonNode object = event.path("objectRef");
            String group = object.path("apiGroup").asText("");
            return new Entry(
                    event.path("verb").asText(),
                    object.path("resource").asText() + (group.isEmpty() ? "" : "." + group),
                    object.path("name").asText(""),
                    event.at("/impersonatedUser/username").asText(""),
                    event.path("annotations")
                            .path("authorization.k8s.io/decision")
                            .asText()
                            .equals("allow"),
                    event.at("/responseStatus/code").asInt());
        }
    }

    AuditTrail(Path folder) throws IOException {
        policy = Files.writeString(folder.resolve("audit-policy.yaml"), POLICY);
        log = folder.resolve("audit.log");
    }

    List<String> flags() {
        return List.of("--audit-policy-file=" + policy, "--audit-log-path=" + log, "--audit-log-maxsize=100000");
    }

    /** All requests up to now; the last may be missing for a moment. */
    public List<Entry> entries() {
        var entries = new ArrayList<Entry>();
        try {
            String text = Files.readString(log);
            // The last line may be unfinished.
            for (String line :
                    text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                entries.add(Entry.of(ObjectJson.MAPPER.readTree(line)));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return entries;
    }
}
