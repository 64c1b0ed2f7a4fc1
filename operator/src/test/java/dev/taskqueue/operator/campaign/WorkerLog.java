package dev.taskqueue.operator.campaign;

import dev.taskqueue.operator.oracle.Fact;
import dev.taskqueue.operator.testing.RecordingWorker;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The requests that workers receive, as facts. */
final class WorkerLog implements RecordingWorker.Observer {
    private static final String BATCH_INDEX = "TaskQueue-Batch-Index";

    private final FactLog facts;
    private final ConnectionOwners owners;
    private final BiFunction<String, Instant, Duration> clocks;
    private final Map<String, Instant> firsts = new ConcurrentHashMap<>();
    private final AtomicInteger deliveries = new AtomicInteger();
    private final AtomicInteger highest = new AtomicInteger();
    private volatile String lastSender = "";

    /** The uid of the Task or the TaskBatch that a request belongs to. */
    static String object(Received request) {
        String index = request.header(BATCH_INDEX);
        String key = request.uid();
        return index.isEmpty() ? key : key.substring(0, key.length() - index.length() - 1);
    }

    /** When a worker first saw the Task or an item of the TaskBatch with this uid; null if none did. */
    @Nullable Instant first(String uid) {
        return firsts.get(uid);
    }

    /** @param clocks how far the wall clock of a process was ahead at a time */
    WorkerLog(FactLog facts, ConnectionOwners owners, BiFunction<String, Instant, Duration> clocks) {
        this.facts = facts;
        this.owners = owners;
        this.clocks = clocks;
    }

    int deliveries() {
        return deliveries.get();
    }

    /** Whether the last request of a known sender came from another process than this one. */
    boolean hasOtherSender(String process) {
        String sender = lastSender;
        return !sender.isEmpty() && !sender.equals(process);
    }

    /** The highest number of a Task that was received. */
    int highest() {
        return highest.get();
    }

    @Override
    public String connected(Socket socket) {
        return owners.find(socket);
    }

    @Override
    public void received(long id, String from, Received request) {
        deliveries.incrementAndGet();
        lastSender = from;
        if (request.header(BATCH_INDEX).isEmpty()) {
            highest.accumulateAndGet(Producer.number(request.task()), Math::max);
        }
        // Whatever the machine does next takes time of which the sender knows nothing.
        Instant at = request.at();
        firsts.putIfAbsent(object(request), at);
        String[] line = request.line().split(" ", -1);
        Map<String, String> headers = new TreeMap<>();
        request.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        // It has no meaning for the rules, and it must not be kept anywhere.
        headers.replace("authorization", "present");
        facts.add(new Fact.Received(
                at,
                from,
                from.isEmpty() ? null : at.plus(clocks.apply(from, at)),
                id,
                line[0],
                line[1],
                headers,
                request.body().length,
                Arrays.hashCode(request.body())));
    }

    @Override
    public void answered(long id, int code) {
        facts.add(new Fact.Answered(Instant.now(), id, code));
    }
}
