package dev.taskqueue.operator.docs;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The places in the samples and pages where a program or a command creates a Task without kubectl. */
final class TaskRequests {
    /** A call of the Kubernetes client for Node or Python, until the end of the line that opens the object. */
    private static final Pattern CALL =
            Pattern.compile("(?m)^.*create_?[nN]amespaced_?[cC]ustom_?[oO]bject\\((?!s\\b).*$");

    /** A command of curl with a body, until its last continued line. */
    private static final Pattern CURL = Pattern.compile("(?m)^ *curl (?:.*\\\\\\n)*.*$");

    private static final Pattern WITH_BODY = Pattern.compile(" (-d|--data\\S*|-X POST|--request POST|--json)\\b");
    private static final Pattern TASKS = Pattern.compile("(?i)\\$\\{?TASKS|taskqueue[.]dev/v1beta1/\\S*tasks");
    private static final Pattern BUILT = Pattern.compile("/(target|node_modules|\\.venv|\\.git)/");
    private static final Pattern STRICT = Pattern.compile("(?i)field_?validation ?[=:] ?[\"']?Strict\\b");

    /**
     * One of them.
     *
     * @param file from the root of the repository
     * @param text the call or the command
     */
    record Request(String file, String text) {
        boolean isStrict() {
            return STRICT.matcher(text).find();
        }
    }

    private TaskRequests() {}

    static List<Request> all() {
        var found = new ArrayList<Request>();
        Path root = ControlPlane.repository();
        for (String place : List.of("samples", "docs", "README.md", "charts")) {
            try (Stream<Path> files = Files.walk(root.resolve(place))) {
                files.filter(file -> file.toString().matches(".*[.](md|js|mjs|ts|py|go|sh|java|yaml)"))
                        .filter(file -> !BUILT.matcher(file.toString()).find())
                        .forEach(file -> found.addAll(of(root.relativize(file).toString(), read(file))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    static List<Request> of(String file, String text) {
        var found = new ArrayList<Request>();
        CALL.matcher(text).results().forEach(call -> found.add(new Request(file, call.group())));
        CURL.matcher(text)
                .results()
                .map(curl -> curl.group())
                .filter(curl ->
                        WITH_BODY.matcher(curl).find() && TASKS.matcher(curl).find())
                .forEach(curl -> found.add(new Request(file, curl)));
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
