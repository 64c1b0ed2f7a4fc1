package dev.taskqueue.controlplane.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestFoldersTest {
    @Test
    void aFolderGoesWithAllThatIsInItAndLinksAreNotFollowed(@TempDir Path elsewhere) throws IOException {
        Path kept = Files.writeString(elsewhere.resolve("kept"), "");
        Path folder = TestFolders.create("test-folders");
        Files.writeString(Files.createDirectories(folder.resolve("a/b")).resolve("c"), "");
        Files.createSymbolicLink(folder.resolve("link"), elsewhere);
        TestFolders.delete(folder);
        assertThat(folder).doesNotExist();
        assertThat(kept).exists();
    }

    @Test
    void aFolderThatIsGoneAlreadyIsNoFault() {
        Path folder = TestFolders.create("test-folders");
        TestFolders.delete(folder);
        TestFolders.delete(folder);
        assertThat(folder).doesNotExist();
    }
}
