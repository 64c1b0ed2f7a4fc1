package dev.taskqueue.gateway.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The files of this repository, wherever in it the tests run. */
public final class Repository {
    private Repository() {}

    /** A file or folder by its path from the root. */
    public static Path file(String path) {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("crds"))) {
            folder = Objects.requireNonNull(folder.getParent(), "no folder crds in this one or above");
        }
        return folder.resolve(path);
    }
}
