package dev.taskqueue.operator.fuzz;

import java.util.List;
import java.util.regex.Pattern;

/** What the operator's log may not have. */
final class OperatorLogRules {
    private static final Pattern FAULT =
            Pattern.compile("^\\tat |^\\S+ ERROR |^Caused by:|^Exception in thread|^[\\w.$]+(Exception|Error)\\b");

    private OperatorLogRules() {}

    /** The lines that say that the operator itself has a fault, or that show something secret. */
    static List<String> faults(List<String> lines) {
        return lines.stream()
                .filter(line -> FAULT.matcher(line).find() || line.contains("canary-"))
                .limit(8)
                .toList();
    }
}
