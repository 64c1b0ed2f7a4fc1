package dev.taskqueue.controlplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The credentials file of Google's libraries that leads a program to a gateway on this machine. It holds no secret: it names the file with the token. */
public final class CredentialsFile {
    private CredentialsFile() {}

    /** Writes it. */
    public static void write(Path file, Path token) throws IOException {
        Files.writeString(file, """
                {"type": "external_account", "audience": "taskqueue-gateway",
                 "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                 "token_url": "https://cloudtasks.googleapis.com/v1/token",
                 "credential_source": {"file": "%s"}}
                """.formatted(token));
    }
}
