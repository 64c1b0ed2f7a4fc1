package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The token that a request carries.
 *
 * <ul>
 *   <li>{@code TokenWrong}: "TokenRequest for the named ServiceAccount, exactly one audience": the account and the audience are those that the Task names, or its
 *       queue's {@code httpTarget}, or the target itself as the audience. Whoever names none gets none.
 *   <li>{@code TokenOutlived}: a token is not used after its end, and not for long after its account was deleted. Exception: a process that was frozen.
 * </ul>
 *
 * Tokens whose claims cannot be read are not judged.
 */
final class TokenRules implements Rules {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BEARER = "Bearer ";
    private static final String AUTHORIZATION = "authorization";
    private static final long SECOND = 1_000_000_000;
    /** How long a token may be reused without asking for it again, and a prepared request may wait. */
    private static final long REUSE = 30 * SECOND;

    private static final long PREPARED = 5 * SECOND;

    private final World world;

    TokenRules(World world) {
        this.world = world;
    }

    @Override
    public void received(TaskModel task, Request request) {
        String header = request.header(AUTHORIZATION);
        JsonNode claims = claims(header);
        if (claims == null && !header.isEmpty()) {
            // A header of the user's own.
            return;
        }
        boolean right = false;
        String expected = "";
        long since = world.now - world.wire(task.namespace) - world.notice() - PREPARED;
        for (QueueSpec spec : world.queueOf(task).since(since)) {
            Wanted wanted = Wanted.of(task, spec.httpTarget());
            right |= claims == null ? wanted == null : wanted != null && wanted.fits(claims);
            expected = wanted == null ? "none" : wanted.toString();
        }
        if (!right) {
            world.violation("TokenWrong", task, "its token is " + claims + ", not " + expected);
        }
        if (claims != null && request.sender.thawedAt < world.now - REUSE) {
            age(task, request, claims);
        }
    }

    private void age(TaskModel task, Request request, JsonNode claims) {
        long used = request.earliestWall - world.wire(task.namespace) - PREPARED;
        if (!world.clocksSet && used > claims.path("exp").asLong() * SECOND) {
            world.violation("TokenOutlived", task, "its token has expired: " + claims);
        }
        String uid = text(claims.path("kubernetes.io").path("serviceaccount"), "uid");
        long gone = world.objects.goneAt(uid);
        if (world.now - world.wire(task.namespace) - PREPARED - REUSE > gone) {
            String text = "the account of its token was deleted " + world.ago(gone);
            world.violation("TokenOutlived", task, text);
        }
    }

    /** Null if the header has none. */
    private static @Nullable JsonNode claims(String header) {
        String[] parts = header.split("\\.", -1);
        try {
            JsonNode claims = parts.length == 3 && header.startsWith(BEARER)
                    ? JSON.readTree(Base64.getUrlDecoder().decode(parts[1]))
                    : null;
            return claims != null && claims.has("aud") ? claims : null;
        } catch (IOException | IllegalArgumentException unreadable) {
            return null;
        }
    }

    /** The token that a Task is to be sent with. */
    private record Wanted(String account, String audience, String host) {
        static @Nullable Wanted of(TaskModel task, @Nullable JsonNode target) {
            JsonNode own = child(task.spec, "httpRequest");
            boolean always = "Always".equals(text(target, "mode"));
            JsonNode first = always ? target : own;
            JsonNode second = always ? own : target;
            JsonNode token = either(first, second, "serviceAccountToken");
            String account = text(token, "serviceAccountName");
            String service = text(either(first, second, "serviceRef"), "name");
            return account.isEmpty()
                    ? null
                    : new Wanted(
                            "system:serviceaccount:" + task.namespace + ':' + account,
                            text(token, "audience"),
                            service + '.' + task.namespace + ".svc");
        }

        private static @Nullable JsonNode either(@Nullable JsonNode first, @Nullable JsonNode second, String field) {
            JsonNode value = child(first, field);
            return value == null ? child(second, field) : value;
        }

        boolean fits(JsonNode claims) {
            JsonNode audiences = claims.path("aud");
            String only = audiences.size() == 1 ? audiences.path(0).asText() : "";
            boolean target = only.equals("http://" + host) || only.equals("https://" + host);
            return text(claims, "sub").equals(account) && (audience.isEmpty() ? target : only.equals(audience));
        }
    }
}
