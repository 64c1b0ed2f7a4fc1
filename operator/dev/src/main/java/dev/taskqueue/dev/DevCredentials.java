package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.controlplane.CredentialsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/**
 * What programs without a changed line need of a Pod: the credentials file of Google's libraries, and a token. The gateway of the dev mode asks for
 * no token, but the libraries do not call without one, so this one is signed by nobody.
 */
final class DevCredentials implements AutoCloseable {
    private static final Duration VALIDITY = Duration.ofDays(30);

    private final Path folder;

    private DevCredentials(Path folder) {
        this.folder = folder;
    }

    /** Writes both into a folder. */
    static DevCredentials in(Path folder, Instant now) throws IOException {
        var made = new DevCredentials(folder);
        long end = now.plus(VALIDITY).getEpochSecond();
        String token = encoded("{\"alg\":\"none\"}") + "."
                + encoded("{\"sub\":\"system:serviceaccount:default:default\",\"exp\":" + end + "}") + ".";
        Files.writeString(made.token(), token + encoded("signed by nobody"));
        CredentialsFile.write(made.file(), made.token());
        return made;
    }

    private static String encoded(String part) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(part.getBytes(UTF_8));
    }

    /** The value of {@code GOOGLE_APPLICATION_CREDENTIALS}. */
    Path file() {
        return folder.resolve("credentials.json");
    }

    private Path token() {
        return folder.resolve("token");
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file());
        Files.deleteIfExists(token());
    }
}
