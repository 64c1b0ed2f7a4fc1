package dev.taskqueue.operator.ops;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A stack trace whose lines cannot be taken for lines of the log: each line after the first one is indented or says what caused the failure, and control
 * characters are escaped. {@code logback.xml} names it.
 */
public final class EscapedTraceConverter extends ThrowableProxyConverter {
    @Override
    protected String throwableProxyToString(IThrowableProxy failure) {
        return escaped(super.throwableProxyToString(failure));
    }

    static String escaped(String trace) {
        List<String> lines = trace.lines().toList();
        String first = lines.isEmpty() ? "" : EscapedLineConverter.escaped(lines.getFirst());
        return lines.stream()
                .skip(1)
                .map(EscapedTraceConverter::further)
                .collect(Collectors.joining("", first + System.lineSeparator(), ""));
    }

    private static String further(String line) {
        String indent = line.startsWith("Caused by: ") ? "" : "\t";
        return indent + EscapedLineConverter.escaped(line.stripLeading()) + System.lineSeparator();
    }
}
