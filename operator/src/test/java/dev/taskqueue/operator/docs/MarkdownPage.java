package dev.taskqueue.operator.docs;

import dev.taskqueue.operator.testing.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The fenced code blocks of a page, in order. */
final class MarkdownPage {
    private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
    private static final Pattern AGE = Pattern.compile("\\b(\\d+(ms|s|m|h|d))+\\b|\\b\\d+(\\.\\d+)? (ms|s)\\b");
    private static final Pattern GAP = Pattern.compile(" {2,}");

    /**
     * One of these blocks.
     *
     * @param line of the page, where it begins
     * @param language named at its fence; empty if none is named
     */
    record Block(int line, String language, String text) {}

    private MarkdownPage() {}

    /** @param name from the root of the repository */
    static List<Block> blocks(String name) {
        try {
            return blocks(Files.readAllLines(ControlPlane.repository().resolve(Path.of(name))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Block> blocks(List<String> lines) {
        var blocks = new ArrayList<Block>();
        @Nullable String language = null;
        var text = new StringBuilder();
        int begin = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.startsWith("```")) {
                text.append(line).append('\n');
            } else if (language == null) {
                language = line.substring(3);
                begin = i + 1;
                text.setLength(0);
            } else {
                blocks.add(new Block(begin, language, text.toString()));
                language = null;
            }
        }
        if (language != null) {
            throw new IllegalArgumentException("the block of line " + begin + " has no end");
        }
        return blocks;
    }

    /** The output without the parts that differ each time: times, ages, and the widths of columns that follow from them. */
    static String shape(String output) {
        return output.lines()
                .map(line -> TIME.matcher(line).replaceAll("TIME"))
                .map(line -> AGE.matcher(line).replaceAll("AGE"))
                .map(line -> GAP.matcher(line).replaceAll("  ").stripTrailing())
                .reduce("", (before, line) -> before + line + "\n")
                .strip();
    }
}
