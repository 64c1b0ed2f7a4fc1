package dev.taskqueue.gateway.mapping;

import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name of a location, {@code projects/P/locations/L}: the parent of queues. */
public record LocationName(String project, String location) {
    static final String PATTERN = "projects/([A-Za-z0-9][A-Za-z0-9._:-]{0,99})/locations/([A-Za-z0-9-]{1,63})";

    private static final Pattern FORM = Pattern.compile(PATTERN);

    /** Reads a name; {@code field} is the field that has it. */
    public static LocationName parse(String name, String field) {
        Matcher parts = FORM.matcher(name);
        if (!parts.matches()) {
            throw RpcFailure.invalidName(
                    "Location name must be formatted: \"projects/<PROJECT_ID>/locations/<LOCATION_ID>\"; " + field
                            + " is \"" + ShownText.text(name) + "\".");
        }
        return new LocationName(parts.group(1), parts.group(2));
    }

    @Override
    public String toString() {
        return "projects/" + project + "/locations/" + location;
    }
}
