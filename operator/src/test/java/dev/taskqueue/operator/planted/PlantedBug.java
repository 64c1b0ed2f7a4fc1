package dev.taskqueue.operator.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A bug as a patch. The lines before the patch are {@code Bug:}, {@code Breaks:} and {@code From:}. The numbers of lines in the patch mean nothing: the lines
 * that it expects must be in their file exactly once.
 *
 * @param name of the patch without its extension
 * @param what the bug is
 * @param breaks which promise or invariant it breaks
 * @param from where it comes from
 * @param edits what it changes
 */
record PlantedBug(String name, String what, String breaks, String from, List<Edit> edits) {
    private static final Path LIST = Path.of("src/test/planted");
    /** Paths in patches begin here. */
    private static final Path REPOSITORY = Path.of("..");

    private static final String EXTENSION = ".patch";

    /** One place of a patch: the lines that it expects, and those that it leaves there. */
    record Edit(Path file, String before, String after) {}

    /** All bugs of the list, by name. */
    static List<PlantedBug> all() throws IOException {
        try (Stream<Path> files = Files.list(LIST)) {
            var bugs = new ArrayList<PlantedBug>();
            for (Path file : files.sorted().toList()) {
                bugs.add(read(file.getFileName().toString().replace(EXTENSION, ""), Files.readAllLines(file)));
            }
            return bugs;
        }
    }

    static PlantedBug read(String name, List<String> lines) {
        var head = new TreeMap<String, String>();
        var edits = new ArrayList<Edit>();
        String file = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("+++ b/")) {
                file = line.substring("+++ b/".length());
            } else if (line.startsWith("@@ ")) {
                edits.add(edit(REPOSITORY.resolve(file), lines.subList(i + 1, lines.size())));
            } else if (edits.isEmpty() && line.matches("(Bug|Breaks|From): .+")) {
                head.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(' ') + 1));
            }
        }
        String what = head.get("Bug");
        String breaks = head.get("Breaks");
        String from = head.get("From");
        if (what == null || breaks == null || from == null || edits.isEmpty()) {
            throw new IllegalArgumentException(name + " needs the lines Bug:, Breaks: and From:, and a patch");
        }
        return new PlantedBug(name, what, breaks, from, edits);
    }

    private static Edit edit(Path file, List<String> lines) {
        var before = new StringBuilder();
        var after = new StringBuilder();
        for (String line : lines) {
            if (line.startsWith("@@ ") || line.startsWith("diff ")) {
                break;
            }
            if (!line.startsWith("+")) {
                before.append(line.substring(Math.min(1, line.length()))).append('\n');
            }
            if (!line.startsWith("-")) {
                after.append(line.substring(Math.min(1, line.length()))).append('\n');
            }
        }
        return new Edit(file, before.toString(), after.toString());
    }

    /** The changed sources, by file. */
    Map<Path, String> plant() throws IOException {
        var sources = new TreeMap<Path, String>();
        for (Edit edit : edits) {
            String changed = sources.get(edit.file());
            String source = changed == null ? Files.readString(edit.file()) : changed;
            int at = source.indexOf(edit.before());
            if (at < 0 || source.indexOf(edit.before(), at + 1) >= 0) {
                throw new IllegalStateException("the lines that %s expects are not in %s exactly once:%n%s"
                        .formatted(name, edit.file(), edit.before()));
            }
            sources.put(
                    edit.file(),
                    source.substring(0, at)
                            + edit.after()
                            + source.substring(at + edit.before().length()));
        }
        return sources;
    }
}
