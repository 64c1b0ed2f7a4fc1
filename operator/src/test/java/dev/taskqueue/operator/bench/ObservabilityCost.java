package dev.taskqueue.operator.bench;

import dev.taskqueue.controlplane.testing.TestFolders;
import dev.taskqueue.operator.bench.CpuSamples.Area;
import dev.taskqueue.operator.bench.ObservedRounds.Mode;
import dev.taskqueue.operator.bench.ObservedRounds.Round;
import dev.taskqueue.operator.testing.TestingCollector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures what metrics, Events, lines about attempts, scrapes and spans cost, as parts of the operator's CPU for a Task. What can be switched is
 * switched in turn within one process, so that the machine's noise counts for both sides. What has no switch is read from samples of CPU time.
 */
final class ObservabilityCost {
    private static final String PART = "observability";
    private static final String MUST = "5 %";
    /** Queues without Tasks, which make a scrape as long as it is in life. */
    private static final int QUEUES = 100;

    private static final double SCRAPE_SECONDS = 15;
    private static final Pattern REQUESTS =
            Pattern.compile("(?m)^taskqueue_api_requests_total\\{.*resource=\"([a-z]+)\".*} (\\S+)$");
    private static final String RECORDING = """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="jdk.CPUTimeSample">
                <setting name="enabled">true</setting><setting name="throttle">2ms</setting><setting name="stackTrace">true</setting>
              </event>
            </configuration>
            """;

    private final BenchCluster site;
    private final BenchReport figures;

    /** A round without and one with a switch, which followed each other. */
    private record Pair(Round off, Round on) {}

    ObservabilityCost(BenchCluster site, BenchReport figures) {
        this.site = site;
        this.figures = figures;
    }

    void measure() {
        site.queues("silent-", QUEUES);
        try (var collector = new TestingCollector()) {
            Path folder = TestFolders.create(PART);
            measure(collector, folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void measure(TestingCollector collector, Path folder) throws IOException {
        Map<String, String> settings =
                Map.of("TASKQUEUE_LOG_FOLDER", folder.toString(), "TASKQUEUE_TRACES_ENDPOINT", collector.endpoint());
        try (OperatorJvm operator = site.operatorWith(settings)) {
            int tasks = Math.max(40, site.knobs().tasks() / 5);
            var rounds = new ObservedRounds(site, operator, collector, folder, tasks);
            rounds.run(new Mode(true, true, true));
            rounds.run(Mode.OFF);
            double lines = compare(rounds, "lines about attempts (all)", new Mode(true, false, false));
            double spans = compare(rounds, "spans", new Mode(false, true, false));
            double scrape = scrape(pairs(rounds, new Mode(false, false, true)));
            CpuSamples samples = sample(rounds, operator, folder);
            double metrics = samples.share(Area.Metrics);
            double events = samples.share(Area.Events);
            add("recording of metrics, of all samples", "%.2f %%", metrics);
            add("Events without their requests, of all samples", "%.2f %%", events);
            add("requests for Events, of all requests to the API server", "%.2f %%", eventRequests(operator.metrics()));
            double all = List.of(lines, spans, scrape, metrics, events).stream()
                    .mapToDouble(share -> Math.max(0, share))
                    .sum();
            figures.add(PART, "all of it together, of the operator's CPU per Task", MUST, "%.2f %%", all);
            add(
                    "the same of all samples, without scrapes",
                    "%.2f %%",
                    metrics + events + samples.share(Area.Log) + samples.share(Area.Traces));
            add("samples; without a stack", "%s", samples.all() + "; " + samples.withoutStack());
        }
    }

    /** Takes a switch's rounds and tells the part that it adds: the median of all pairs. */
    private double compare(ObservedRounds rounds, String name, Mode mode) {
        List<Pair> pairs = pairs(rounds, mode);
        double share = median(pairs, (off, on) -> 100 * (on.cpu() / off.cpu() - 1));
        add(name + ", operator CPU ms per Task without", "%.3f", median(pairs, (off, on) -> off.millisPerTask()));
        add(name + ", against the round without", "%.2f %%", share);
        return share;
    }

    /** The part of scrapes each 15 s at the rate of these rounds, in which there were more of them. */
    private double scrape(List<Pair> pairs) {
        double seconds = median(pairs, (off, on) -> (on.cpu() - off.cpu()) / Math.max(1, on.scrapes()));
        double load = median(pairs, (off, on) -> off.cpu() / off.seconds());
        double share = 100 * seconds / SCRAPE_SECONDS / load;
        add("a scrape with %d queues, operator CPU ms".formatted(QUEUES + 2), "%.2f", 1000 * seconds);
        add("a scrape each 15 s, at the rate of these rounds", "%.2f %%", share);
        return share;
    }

    /** Rounds without and with the mode. Every other pair begins with the other one, so that what drifts counts for both. */
    private List<Pair> pairs(ObservedRounds rounds, Mode mode) {
        var pairs = new ArrayList<Pair>();
        for (int i = 0; i < site.knobs().rounds(); i++) {
            if (i % 2 == 0) {
                Round off = rounds.run(Mode.OFF);
                pairs.add(new Pair(off, rounds.run(mode)));
            } else {
                Round on = rounds.run(mode);
                pairs.add(new Pair(rounds.run(Mode.OFF), on));
            }
        }
        return pairs;
    }

    private static double median(List<Pair> pairs, ToDoubleBiFunction<Round, Round> figure) {
        double[] sorted = pairs.stream()
                .mapToDouble(pair -> figure.applyAsDouble(pair.off(), pair.on()))
                .sorted()
                .toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Records samples of CPU time during rounds with lines and spans, but without scrapes. */
    private CpuSamples sample(ObservedRounds rounds, OperatorJvm operator, Path folder) throws IOException {
        Path settings = Files.writeString(folder.resolve("samples.jfc"), RECORDING);
        Path recording = folder.resolve("samples.jfr");
        operator.jcmd("JFR.start", "name=" + PART, "settings=" + settings);
        for (int i = 0; i < site.knobs().rounds(); i++) {
            rounds.run(new Mode(true, true, false));
        }
        operator.jcmd("JFR.stop", "name=" + PART, "filename=" + recording);
        return new CpuSamples(recording);
    }

    private static double eventRequests(String metrics) {
        double all = 0;
        double events = 0;
        for (Matcher request = REQUESTS.matcher(metrics); request.find(); ) {
            double number = Double.parseDouble(request.group(2));
            all += number;
            events += request.group(1).equals("events") ? number : 0;
        }
        return 100 * events / Math.max(1, all);
    }

    private void add(String name, String format, Object value) {
        figures.add(PART, name, "", "%s", String.format(Locale.ROOT, format, value));
    }
}
