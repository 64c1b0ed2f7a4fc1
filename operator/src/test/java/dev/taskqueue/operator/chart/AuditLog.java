package dev.taskqueue.operator.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a kube-apiserver says one user asked of it. */
final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    /** One request for an object or a kind of them; {@code what} is such as {@code patch tasks/status}. */
    record Request(String what, int code, String path) {}

    /** Of this user alone. */
    AuditLog(String user) throws IOException {
        folder = Files.createTempDirectory("audit");
        Files.writeString(folder.resolve("policy.yaml"), """
                apiVersion: audit.k8s.io/v1
                kind: Policy
                omitStages: [RequestReceived]
                rules:
                - {level: Metadata, users: ["%s"]}
                - {level: None}
                """.formatted(user));
    }

    /** Has the API server write it. */
    String[] flags() {
        return new String[] {
            "--audit-policy-file=" + folder.resolve("policy.yaml"), "--audit-log-path=" + folder.resolve("audit.log")
        };
    }

    /** Those it has answered, or begun to. */
    List<Request> requests() {
        try {
            var requests = new ArrayList<Request>();
            for (String line : Files.readAllLines(folder.resolve("audit.log"))) {
                JsonNode event = JSON.readTree(line);
                JsonNode object = event.path("objectRef");
                if (object.has("resource")) {
                    String what = event.path("verb").asText() + " "
                            + object.path("resource").asText()
                            + (object.has("subresource")
                                    ? "/" + object.path("subresource").asText()
                                    : "");
                    requests.add(new Request(
                            what,
                            event.at("/responseStatus/code").asInt(),
                            event.path("requestURI").asText()));
                }
            }
            return requests;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
