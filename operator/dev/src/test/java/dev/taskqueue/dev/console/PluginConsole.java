package dev.taskqueue.dev.console;

import static dev.taskqueue.dev.console.ConsoleBrowser.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command {@code kubectl taskqueue console} at work: the page and, below a secret prefix, the API. */
final class PluginConsole implements AutoCloseable {
    private static final Pattern ADDRESS =
            Pattern.compile("Console: (http://127.0.0.1:\\d+)/console/(#api=(/k-[0-9a-f]{32}/)&ns=[a-z]+)\n");

    private final Process process;
    private final String origin;
    private final String handover;

    PluginConsole(PluginRun plugin, Path out) throws IOException {
        process = plugin.start(out, "console");
        eventually(() -> assertThat(PluginRun.text(out)).containsPattern(ADDRESS));
        Matcher found = ADDRESS.matcher(PluginRun.text(out));
        assertThat(found.find()).isTrue();
        origin = found.group(1);
        handover = found.group(2);
    }

    /** Such as {@code http://127.0.0.1:4711}. */
    String origin() {
        return origin;
    }

    /** The part of the address that gives the prefix to the page. */
    String handover() {
        return handover;
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
