package dev.taskqueue.gateway;

import dev.taskqueue.gateway.mapping.MappingReader;
import dev.taskqueue.gateway.mapping.MappingRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The mapping file: read at the start, and again when it has changed. A bad one keeps the rules before it. */
final class MappingFile {
    private static final Logger LOG = LoggerFactory.getLogger(MappingFile.class);

    private final Path file;
    private volatile MappingRules rules = MappingRules.NONE;
    private @Nullable String read;

    MappingFile(Path file) {
        this.file = file;
    }

    /** Reads the file for the first time; the errors are whole sentences. */
    List<String> start() {
        return load();
    }

    MappingRules rules() {
        return rules;
    }

    /** Reads the file again if its text is another; whether its text can be used. */
    boolean reload() {
        List<String> errors = load();
        errors.forEach(error -> LOG.warn("{} keeps the rules before it: {}", file, error));
        return errors.isEmpty();
    }

    private synchronized List<String> load() {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException unreadable) {
            return List.of("The mapping file " + file + " cannot be read.");
        }
        if (text.equals(read)) {
            return List.of();
        }
        return switch (MappingReader.read(text)) {
            case MappingReader.Reading.Valid valid -> {
                if (read != null) {
                    LOG.info("{} has changed and is in force", file);
                }
                read = text;
                rules = valid.rules();
                yield List.of();
            }
            case MappingReader.Reading.Invalid invalid -> invalid.errors();
        };
    }
}
