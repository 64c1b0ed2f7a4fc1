package dev.taskqueue.controlplane.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The tests that were skipped, read from Maven's test reports.
 *
 * @param total number of all tests in the reports
 * @param byReason how many were skipped for each reason
 */
record SkippedTests(int total, Map<String, Integer> byReason) {
    private static final List<String> REPORTS = List.of("surefire-reports", "failsafe-reports");

    /**
     * Reads the reports of the modules below this folder. Reports written before this time, in milliseconds, belong to an earlier run and are
     * ignored.
     */
    static SkippedTests read(Path repository, long since) {
        int total = 0;
        Map<String, Integer> byReason = new LinkedHashMap<>();
        for (Path report : reports(repository)) {
            if (report.toFile().lastModified() >= since) {
                total += read(report, byReason);
            }
        }
        return new SkippedTests(total, byReason);
    }

    /** The text to print; empty if no test was skipped. */
    List<String> lines() {
        int skipped = byReason.values().stream().mapToInt(Integer::intValue).sum();
        if (skipped == 0) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add("SKIPPED: " + skipped + " of " + total + " tests did not run.");
        byReason.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(reason -> lines.add("  " + reason.getValue() + ": " + reason.getKey()));
        return lines;
    }

    private static List<Path> reports(Path repository) {
        try (Stream<Path> all = Files.find(repository, 6, (file, about) -> isReport(file))) {
            return all.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isReport(Path file) {
        Path folder = file.getParent();
        return folder != null
                && folder.getFileName() != null
                && REPORTS.contains(folder.getFileName().toString())
                && file.getFileName().toString().matches("TEST-.*\\.xml");
    }

    /** Adds the skipped tests of one report, and returns the number of all its tests. */
    private static int read(Path report, Map<String, Integer> byReason) {
        int tests = 0;
        try (InputStream bytes = Files.newInputStream(report)) {
            XMLStreamReader xml = XMLInputFactory.newDefaultFactory().createXMLStreamReader(bytes);
            while (xml.hasNext()) {
                if (xml.next() == XMLStreamReader.START_ELEMENT) {
                    if (xml.getLocalName().equals("testcase")) {
                        tests++;
                    } else if (xml.getLocalName().equals("skipped")) {
                        byReason.merge(reason(xml), 1, Integer::sum);
                    }
                }
            }
            return tests;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (XMLStreamException e) {
            throw new IllegalStateException(report + " cannot be read", e);
        }
    }

    private static String reason(XMLStreamReader xml) {
        return Objects.requireNonNullElse(xml.getAttributeValue(null, "message"), "no reason is given");
    }
}
