package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.faults.FaultProxy;
import dev.taskqueue.operator.oracle.Fact;
import dev.taskqueue.operator.testing.OperatorProcess;
import dev.taskqueue.operator.testing.SettableClock;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One of the two operators: a process that is started again whenever it has ended, as kubelet does, with a network and a clock of its own. Its first
 * process is called {@code NAME#1}, the next {@code NAME#2}.
 */
final class OperatorReplica implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(20);
    /** The exit code of a process that knows that it is no longer the leader. */
    private static final int LOST_LEASE = 3;

    private static final Pattern USUAL_ERROR = Pattern.compile("has lost Lease|The process ends|AbstractWatchManager");

    private static final Pattern HELD = Pattern.compile(
            "^taskqueue_(in_flight|unwritten_outcomes|waiting_tasks)\\b|^taskqueue_pool_used\\{pool=\"(?!tokens\")");

    private final String name;
    final FaultProxy proxy;
    final SettableClock clock = new SettableClock();
    private final Map<String, String> environment;
    private final FactLog facts;
    private final WriteLog writes;
    private final List<String> surprises = new ArrayList<>();
    private final Thread ender = new Thread(this::killQuietly);
    private volatile @Nullable OperatorProcess process;
    private volatile String processName = "";
    /** How far its clock is ahead, by the time from which on it is. */
    private final NavigableMap<Instant, Duration> aheadSince =
            new ConcurrentSkipListMap<>(Map.of(Instant.EPOCH, Duration.ZERO));

    private volatile @Nullable End expected;
    private int started;
    private volatile boolean closed;

    private record End(Fact.End how) {}

    OperatorReplica(String name, FaultProxy proxy, Map<String, String> environment, FactLog facts, WriteLog writes) {
        this.name = name;
        this.proxy = proxy;
        this.environment = new HashMap<>(environment);
        this.environment.putAll(clock.environment());
        this.facts = facts;
        this.writes = writes;
        Runtime.getRuntime().addShutdownHook(ender);
        Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    private void run() {
        try {
            while (!closed) {
                OperatorProcess current = start();
                while (current.isAlive()) {
                    Thread.sleep(POLL);
                }
                ended(current);
                // kubelet takes about that long.
                Thread.sleep(1000);
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized OperatorProcess start() {
        started++;
        processName = name + "#" + started;
        expected = null;
        proxy.observe(writes.of(processName));
        Duration ahead = ahead();
        clock.set(ahead);
        var all = new HashMap<>(environment);
        all.put("HOSTNAME", processName);
        facts.add(new Fact.Started(Instant.now(), processName));
        if (!ahead.isZero()) {
            facts.add(new Fact.ClockSet(Instant.now(), processName, ahead));
        }
        var next = new OperatorProcess(proxy.kubeconfig(), all);
        process = next;
        return next;
    }

    private synchronized void ended(OperatorProcess current) {
        if (closed) {
            return;
        }
        int code = current.exitCode();
        End planned = expected;
        if (planned == null || planned.how() == Fact.End.Stopped) {
            boolean lost = code == LOST_LEASE;
            facts.add(new Fact.Ended(Instant.now(), processName, lost ? Fact.End.LostLease : Fact.End.Stopped));
            if (!lost && planned == null) {
                surprises.add(processName + " ended with code " + code + ":\n" + tail(current.log()));
            }
        }
        keepLog(current.log());
    }

    /** The log is evidence, as the facts are. */
    private void keepLog(String log) {
        CampaignReport.keep(name + "-" + started + ".log", log);
        log.lines()
                .filter(line ->
                        line.contains(" ERROR ") && !USUAL_ERROR.matcher(line).find())
                .forEach(line -> surprises.add(processName + " logged: " + line));
    }

    private static String tail(String log) {
        List<String> lines = log.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    }

    String name() {
        return name;
    }

    /** The name of the current process. */
    String current() {
        return processName;
    }

    @Nullable Long pid() {
        OperatorProcess now = process;
        return now != null && now.isAlive() ? now.pid() : null;
    }

    boolean isReady() {
        OperatorProcess now = process;
        return now != null && now.isAlive() && now.isReady();
    }

    /** How far the clock of this process is ahead. */
    Duration ahead() {
        return Objects.requireNonNull(aheadSince.lastEntry()).getValue();
    }

    /** How far the clock of this process was ahead at a time, which may have been noted late. */
    Duration ahead(Instant at) {
        return Objects.requireNonNull(aheadSince.floorEntry(at)).getValue();
    }

    synchronized void kill() {
        expected = new End(Fact.End.Crashed);
        // Whatever it sent until now was sent by a living process.
        process().kill();
        facts.add(new Fact.Ended(Instant.now(), processName, Fact.End.Crashed));
    }

    synchronized void terminate() {
        expected = new End(Fact.End.Stopped);
        facts.add(new Fact.Stopping(Instant.now(), processName));
        process().terminate();
    }

    synchronized void freeze() {
        process().freeze();
        facts.add(new Fact.Frozen(Instant.now(), processName));
    }

    synchronized void thaw() {
        facts.add(new Fact.Thawed(Instant.now(), processName));
        process().thaw();
    }

    synchronized void step(Duration to) {
        Instant now = Instant.now();
        facts.add(new Fact.ClockSet(now, processName, to));
        aheadSince.put(now, to);
        clock.set(to);
    }

    private OperatorProcess process() {
        return Objects.requireNonNull(process);
    }

    /** The lines of its metrics that say that something is in use; empty if it is not ready. Tokens are kept for later requests. */
    List<String> held() {
        OperatorProcess now = process;
        if (now == null || !now.isAlive() || !now.isReady()) {
            return List.of();
        }
        try {
            return now.metrics()
                    .lines()
                    .filter(line -> HELD.matcher(line).find() && !line.endsWith(" 0.0"))
                    .map(line -> processName + " " + line)
                    .toList();
        } catch (UncheckedIOException ended) {
            return List.of(processName + " does not answer");
        }
    }

    /** What nobody did to it: ends by itself, errors in its log. */
    synchronized List<String> surprises() {
        OperatorProcess now = process;
        if (now != null && now.isAlive()) {
            keepLog(now.log());
        }
        return List.copyOf(surprises);
    }

    private void killQuietly() {
        closed = true;
        OperatorProcess now = process;
        if (now != null && now.isAlive()) {
            now.kill();
        }
    }

    @Override
    public void close() {
        killQuietly();
        Runtime.getRuntime().removeShutdownHook(ender);
    }
}
