package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.world.Fault.Trigger;
import dev.taskqueue.operator.simulation.world.PersonAction.Send;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Worlds in which at most one thing is out of the ordinary. Where much goes wrong, one fault often hides what another one would show, and the rules have to
 * be generous. Here they are strict.
 */
final class CalmDeck {
    /** Longer than most outages, so the leader mostly remains. */
    private static final Duration LONG_LEASE = Duration.ofSeconds(16);

    private static final int CLOCK_STEPS = 3;
    /** Of 100 hand-overs. */
    private static final int OFTEN = 5;

    private static final int RATE = 40;
    private static final int BACKLOG = 300;
    private static final int SURGE = 120;
    private static final int AWAY = 20;
    private static final int LEVELS = 600;

    private final SplittableRandom random;
    private final Duration busy;

    /** What is out of the ordinary. */
    private enum Kind {
        NOTHING,
        /** Once, the API server answers nobody, or one machine has no network, or no operator may write. Some Tasks have to end meanwhile. */
        OUTAGE,
        /** The API server is far away, all the time. A queue with a small burst has a backlog. */
        DISTANCE,
        /** Other programs use the processors: now and then a thread has to wait for a second. Many Tasks expire soon. */
        BUSY,
        /** People set the wall clocks. */
        CLOCKS,
        /** All Tasks of one namespace meet the same trouble, and there are many in both namespaces. */
        TENANT
    }

    CalmDeck(SplittableRandom random, Deck.Size size) {
        this.random = random;
        this.busy = size.busy();
    }

    /** Adds what is out of the ordinary to a plan without faults. */
    Plan plan(Plan base) {
        Kind[] kinds = Kind.values();
        return switch (kinds[random.nextInt(kinds.length)]) {
            case NOTHING -> base;
            case OUTAGE -> outage(base);
            case DISTANCE ->
                base.with(base.settings().withDistance(between(15, 40))).with(merged(base, backlog()), List.of());
            case BUSY ->
                base.with(base.settings().withDelays(OFTEN, Duration.ofSeconds(1)))
                        .with(merged(base, expiring()), List.of());
            case CLOCKS -> base.with(base.actions(), clocks());
            case TENANT -> tenant(base);
        };
    }

    private Fault once(Fault.Kind kind, Duration length) {
        return new Fault(new Trigger.At(at(busy.dividedBy(3)).plusSeconds(1)), kind, length);
    }

    /** Longer than a leader may write without a renewal, and mostly not so long that another one takes over. */
    private Plan outage(Plan base) {
        var kinds = List.of(Fault.Kind.RestartApiServer, Fault.Kind.Partition, Fault.Kind.RefuseWrites);
        Fault.Kind kind = kinds.get(random.nextInt(kinds.size()));
        Fault fault = once(kind, between(10_000, 15_000));
        var actions = new ArrayList<PersonAction>();
        for (int i = 0; i < AWAY; i++) {
            Instant due = SimulatedProcess.START.plus(time(fault)).plus(at(Duration.ofSeconds(3)));
            ObjectNode away = withBody("away" + i, "fast", due);
            away.withObject("/spec")
                    .put("expireTime", due.plus(at(Duration.ofSeconds(4))).toString());
            String namespace = Deck.NAMESPACES.get(i % Deck.NAMESPACES.size());
            actions.add(TaskDeck.create(time(fault).minusMillis(500), namespace, away));
            ObjectNode invalid = TaskDeck.plain("deep" + i, "fast");
            invalid.withObject("/spec/httpRequest").set("json", tooDeep());
            actions.add(TaskDeck.create(time(fault).plus(at(Duration.ofSeconds(3))), namespace, invalid));
        }
        return base.with(base.settings().withLease(LONG_LEASE)).with(merged(base, actions), List.of(fault));
    }

    /** The API server takes it, and the operator ends the Task for it. */
    private static JsonNode tooDeep() {
        JsonNode inner = Trees.object();
        for (int i = 0; i < LEVELS; i++) {
            inner = Trees.object().set("a", inner);
        }
        return inner;
    }

    private static Duration time(Fault fault) {
        return fault.trigger() instanceof Trigger.At(Duration time) ? time : Duration.ZERO;
    }

    private List<Fault> clocks() {
        var faults = new ArrayList<Fault>();
        for (int i = 0; i < CLOCK_STEPS; i++) {
            faults.add(new Fault(new Trigger.At(at(busy)), Fault.Kind.SetClock, between(1_000, 60_000)));
        }
        return faults;
    }

    /** Every Task has to be read before it is sent, which takes longer than the bucket needs for a token. */
    private List<PersonAction> backlog() {
        var actions = new ArrayList<PersonAction>();
        Duration edited = Duration.ofSeconds(1);
        actions.add(Send.patch(edited, ClusterDeck.API + Deck.SHOP + "/taskqueues/slow", """
                {"spec":{"throttling":"Disabled","rateLimits":{"maxDispatchesPerSecond":"%d","maxBurstSize":1}}}""".formatted(RATE)));
        Duration due = edited.plusSeconds(4);
        for (int i = 0; i < BACKLOG; i++) {
            Duration created = edited.plus(at(Duration.ofSeconds(3)));
            actions.add(TaskDeck.create(
                    created, Deck.SHOP, withBody("backlog" + i, "slow", SimulatedProcess.START.plus(due))));
        }
        return actions;
    }

    private List<PersonAction> expiring() {
        var actions = new ArrayList<PersonAction>();
        for (int i = 0; i < SURGE; i++) {
            Duration created =
                    Duration.ofSeconds(1).plus(at(busy.multipliedBy(7).dividedBy(10)));
            Instant expires = SimulatedProcess.START.plus(created).plus(at(Duration.ofSeconds(3)));
            ObjectNode task = TaskDeck.plain("soon" + i, "fast");
            task.withObject("/spec").put("expireTime", expires.toString());
            actions.add(TaskDeck.create(created, Deck.SHOP, task));
        }
        return actions;
    }

    private Plan tenant(Plan base) {
        var kinds = List.of(Fault.Kind.RefuseNamespace, Fault.Kind.ConflictNamespace, Fault.Kind.HangReads);
        Fault fault = once(kinds.get(random.nextInt(kinds.size())), between(10_000, 30_000));
        var actions = new ArrayList<PersonAction>();
        for (String namespace : Deck.NAMESPACES) {
            for (int i = 0; i < SURGE; i++) {
                // Half of them at once, the others one after the other.
                Duration over = i % 2 == 0 ? Duration.ofSeconds(1) : fault.length();
                actions.add(TaskDeck.create(
                        time(fault).plus(at(over)), namespace, withBody("surge" + i, "fast", SimulatedProcess.START)));
            }
        }
        return base.with(merged(base, actions), List.of(fault));
    }

    /** A Task whose body has to be read. */
    private static ObjectNode withBody(String name, String queue, Instant due) {
        ObjectNode task = TaskDeck.plain(name, queue);
        task.withObject("/spec").put("scheduleTime", due.toString());
        task.withObject("/spec/httpRequest/bodyFrom/secretKeyRef")
                .put("name", "payload")
                .put("key", "body");
        return task;
    }

    private static List<PersonAction> merged(Plan base, List<PersonAction> more) {
        var actions = new ArrayList<>(base.actions());
        actions.addAll(more);
        actions.sort(Comparator.comparing(PersonAction::time));
        return actions;
    }

    private Duration at(Duration before) {
        return Duration.ofNanos(random.nextLong(before.toNanos()));
    }

    private Duration between(int shortestMillis, int longestMillis) {
        return Duration.ofMillis(random.nextInt(shortestMillis, longestMillis));
    }
}
