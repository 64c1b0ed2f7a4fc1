package dev.taskqueue.operator.oracle;

import java.util.List;

/** One fact about a Task, for the people who read a violation. */
record StoryLine(long at, String text) {
    static String print(List<StoryLine> lines) {
        if (lines.isEmpty()) {
            return "nothing is known\n";
        }
        long start = lines.getFirst().at;
        StringBuilder story = new StringBuilder();
        story.append("begins at ").append(Values.instant(start)).append('\n');
        for (StoryLine line : lines) {
            story.append(String.format("%+12.3f s  %s%n", (line.at - start) / 1e9, line.text));
        }
        return story.toString();
    }
}
