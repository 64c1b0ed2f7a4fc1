package dev.taskqueue.controlplane.testing;

import dev.taskqueue.controlplane.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Folders for the files of what tests start. They last as long as the JVM, so that nothing of a run is left on the machine. */
public final class TestFolders {
    private static final Queue<Path> CREATED = new ConcurrentLinkedQueue<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> CREATED.forEach(TestFolders::delete), "test-folders"));
    }

    private TestFolders() {}

    /**
     * Creates an empty folder.
     *
     * @param prefix begins its name, such as {@code helm}
     */
    public static Path create(String prefix) {
        try {
            Path folder = Files.createTempDirectory(prefix);
            CREATED.add(folder);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes a folder with everything in it, as far as that is possible: a process may still write there. */
    static void delete(Path folder) {
        if (Files.notExists(folder)) {
            return;
        }
        try {
            Folders.delete(folder);
        } catch (IOException | UncheckedIOException inUse) {
            System.err.println("Left behind: " + inUse.getMessage());
        }
    }
}
