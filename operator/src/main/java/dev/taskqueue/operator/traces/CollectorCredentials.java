package dev.taskqueue.operator.traces;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a collector asks for: headers and a certificate authority, from the files {@code headers} and {@code ca.crt} of a folder. In a Pod the folder is
 * a mounted Secret. Each file may be absent. No line of the log has anything that is in them.
 */
final class CollectorCredentials {
    private static final Logger LOG = LoggerFactory.getLogger(CollectorCredentials.class);
    /** A header of HTTP, as the client takes it: it would show a wrong value in its complaint. */
    private static final Pattern HEADER =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*([\\x20-\\x7e\\t]*?)[ \\t]*");

    private final @Nullable Path folder;
    /** The monitor of this object guards both. */
    private String read = "";

    private Map<String, String> headers = Map.of();

    /** @param folder empty = nothing is asked for */
    CollectorCredentials(String folder) {
        this.folder = folder.isEmpty() ? null : Path.of(folder);
    }

    /** The headers as the file has them now, so a token may be renewed while the operator runs. */
    synchronized Map<String, String> headers() {
        String text = text("headers");
        if (text != null && !text.equals(read)) {
            read = text;
            headers = parse(text);
        }
        return headers;
    }

    /** Certificates in PEM; null = those of the JVM. */
    byte @Nullable [] authority() {
        String text = text("ca.crt");
        return text == null || text.isBlank() ? null : text.getBytes(UTF_8);
    }

    private @Nullable String text(String name) {
        if (folder == null) {
            return null;
        }
        try {
            return Files.readString(folder.resolve(name));
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return null;
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", folder.resolve(name), e.getClass().getSimpleName());
            return null;
        }
    }

    private Map<String, String> parse(String text) {
        var found = new TreeMap<String, String>();
        List<Integer> wrong = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            Matcher header = HEADER.matcher(line);
            if (header.matches()) {
                found.put(header.group(1), header.group(2));
            } else if (!line.isEmpty()) {
                wrong.add(i + 1);
            }
        }
        if (!wrong.isEmpty()) {
            LOG.warn("{} has lines that are not NAME: VALUE and are left out: {}", path("headers"), wrong);
        }
        return Map.copyOf(found);
    }

    private Object path(String name) {
        return folder == null ? name : folder.resolve(name);
    }
}
