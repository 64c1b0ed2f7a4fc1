package dev.taskqueue.operator.simulation.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Where the next page of a list begins. The server keeps nothing else about a list.
 *
 * @param version of the first page
 * @param start the first key of the next page
 */
record ContinueToken(long version, String start) {
    static @Nullable ContinueToken read(String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(text), UTF_8).split(" ", 2);
            return new ContinueToken(Long.parseLong(parts[0]), parts[1]);
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException wrong) {
            throw RequestFailure.badRequest("invalid continue token: continue key is not valid");
        }
    }

    String text() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString((version + " " + start).getBytes(UTF_8));
    }
}
