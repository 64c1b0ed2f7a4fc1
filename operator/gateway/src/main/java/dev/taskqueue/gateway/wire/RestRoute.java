package dev.taskqueue.gateway.wire;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import dev.taskqueue.gateway.calls.Rpc;
import dev.taskqueue.gateway.calls.RpcTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One way to a method over REST, from the option {@code google.api.http} of its description.
 *
 * @param field the field that the path sets, such as {@code queue.name}
 * @param body the field that the body is, {@code *} for the whole message, or empty
 */
record RestRoute(Rpc<?, ?> rpc, String verb, Pattern path, String field, String body) {
    private static final Pattern VARIABLE = Pattern.compile("\\{([a-z_.]+)=([^}]+)}");

    /** All routes of a table. */
    static List<RestRoute> all(RpcTable table) {
        var routes = new ArrayList<RestRoute>();
        for (Rpc<?, ?> rpc : table.all()) {
            HttpRule rule = rpc.method().getOptions().getExtension(AnnotationsProto.http);
            of(rpc, rule).ifPresent(routes::add);
            rule.getAdditionalBindingsList().forEach(more -> of(rpc, more).ifPresent(routes::add));
        }
        return routes;
    }

    /** Absent for a path that does not name a project. */
    private static Optional<RestRoute> of(Rpc<?, ?> rpc, HttpRule rule) {
        String verb = rule.getPatternCase().name();
        String template = switch (rule.getPatternCase()) {
            case GET -> rule.getGet();
            case POST -> rule.getPost();
            case PATCH -> rule.getPatch();
            case DELETE -> rule.getDelete();
            case PUT -> rule.getPut();
            case CUSTOM, PATTERN_NOT_SET -> "";
        };
        Matcher variable = VARIABLE.matcher(template);
        if (!variable.find() || !variable.group(2).startsWith("projects/")) {
            return Optional.empty();
        }
        String expression = beginning(template.substring(0, variable.start())) + "(" + segments(variable.group(2)) + ")"
                + Pattern.quote(template.substring(variable.end()));
        return Optional.of(new RestRoute(rpc, verb, Pattern.compile(expression), variable.group(1), rule.getBody()));
    }

    /** The methods for locations are described once for all APIs, as v1. Some clients call them so, others below the version of the API. */
    private static String beginning(String path) {
        return path.startsWith("/v1/")
                ? "/v[12]/" + Pattern.quote(path.substring("/v1/".length()))
                : Pattern.quote(path);
    }

    /** Only the last segment can be followed by the colon of a verb; a project may have one inside. */
    private static String segments(String template) {
        int last = template.lastIndexOf('*');
        return template.substring(0, last).replace("*", "[^/]+") + "[^/:]+" + template.substring(last + 1);
    }
}
