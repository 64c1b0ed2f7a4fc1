package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Optional;
import java.util.regex.Pattern;

/** Ports of Services as objects have them: a number, or a name. */
final class ServicePorts {
    private static final int HIGHEST = 65_535;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,5}");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private ServicePorts() {}

    /** The value for an object; absent for text that is no port. */
    static Optional<JsonNode> read(String port) {
        if (NUMBER.matcher(port).matches()) {
            int number = Integer.parseInt(port);
            return number >= 1 && number <= HIGHEST ? Optional.of(IntNode.valueOf(number)) : Optional.empty();
        }
        return NAME.matcher(port).matches() ? Optional.of(TextNode.valueOf(port)) : Optional.empty();
    }
}
