package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.oracle.Fact;
import dev.taskqueue.operator.simulation.apiserver.SimulatedApiServer;
import dev.taskqueue.operator.simulation.apiserver.Snapshot;
import dev.taskqueue.operator.simulation.apiserver.StoredChange;
import dev.taskqueue.operator.simulation.world.Fault.Trigger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** One run of a {@link Plan}: it builds the world, lets everything happen, and reports the facts. */
final class World {
    /** How far apart snapshots of etcd are, from which it can be restored. */
    private static final Duration BACKUP_EVERY = Duration.ofSeconds(20);

    /** By then everything has recovered from the last fault, and every Task has ended. */
    private static final Duration QUIET = Duration.ofMinutes(4);

    private static final Duration LEAST_QUIET = Duration.ofSeconds(130);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

    private final Plan plan;
    private final Consumer<Fact> facts;
    private final Scheduler scheduler;
    private final SimulatedApiServer server;
    private final Network network;
    private final Workers workers;
    private final People people;
    private final FaultInjector faults;
    private final OperatorHosts hosts;
    private final WorldFaults worldFaults;
    private final List<Throwable> uncaught = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();

    World(Plan plan, Consumer<Fact> facts) {
        this.plan = plan;
        this.facts = facts;
        var random = new SplittableRandom(plan.seed());
        scheduler = new Scheduler(
                random.split(),
                plan.settings().delayedHandOvers(),
                plan.settings().longestDelay());
        server = new SimulatedApiServer(this::now, random.split());
        network = new Network(scheduler, random.split(), server, plan.settings().distance(), facts);
        workers = new Workers(network, random.split(), facts);
        people = new People(scheduler, server);
        var strikes = new OperatorHosts.Strikes();
        faults = new FaultInjector(plan.faults(), strikes);
        hosts = new OperatorHosts(
                plan.settings(),
                new OperatorHosts.Surroundings(scheduler, network, workers, faults),
                random.split(),
                facts,
                (process, failure) -> {
                    uncaught.add(failure);
                });
        strikes.hosts = hosts;
        worldFaults = new WorldFaults(new WorldFaults.Parts(network, server, workers, hosts), random.split(), facts);
        server.onChange(this::stored);
    }

    private Instant now() {
        return SimulatedProcess.START.plusNanos(scheduler.now());
    }

    private void stored(StoredChange change) {
        boolean byPeople = change.user().equals(PersonAction.USER);
        facts.accept(new Fact.Stored(
                now(),
                change.user(),
                Fact.Change.valueOf(change.change().name()),
                change.kind(),
                change.object(),
                byPeople ? null : SimulatedProcess.START.plusNanos(network.sentAt())));
        if (!byPeople && !people.see(change)) {
            network.loseAnswer();
        }
    }

    /** Runs the plan: people act and faults happen, then the faults end, and the world goes on until no Task is open, or for {@link #QUIET}. */
    void run() {
        SimulationLog.follow(this);
        hosts.start();
        scheduler.after(BACKUP_EVERY.dividedBy(4), this::backUp);
        for (PersonAction action : plan.actions()) {
            people.later(action.time(), action);
        }
        for (Fault fault : plan.faults()) {
            if (fault.trigger() instanceof Trigger.At(Duration time)) {
                scheduler.after(time, () -> worldFaults.begin(fault));
            }
        }
        long busy = plan.settings().busy().toNanos();
        scheduler.runUntil(busy);
        hosts.reportSizes();
        faults.end();
        long end = busy + QUIET.toNanos();
        while (scheduler.now() < end && hasOpenTasks()) {
            scheduler.runUntil(Math.min(end, scheduler.now() + LOOK_EVERY.toNanos()));
        }
        hosts.reportSizes();
        SimulationLog.leave();
    }

    private boolean hasOpenTasks() {
        return scheduler.now() < plan.settings().busy().plus(LEAST_QUIET).toNanos()
                || server.objects("Task").anyMatch(World::isOpen)
                || server.objects("TaskBatch").anyMatch(World::isOpen);
    }

    private static boolean isOpen(JsonNode task) {
        return switch (task.path("status").path("state").asText()) {
            case "Succeeded", "Failed" -> false;
            default -> !TaskDeck.waitsForEver(task);
        };
    }

    /** A line of level ERROR: no run may log one. */
    void logged(String error) {
        errors.add(error);
    }

    List<String> errors() {
        return errors;
    }

    private void backUp() {
        Snapshot now = server.snapshot();
        worldFaults.backedUp(now);
        scheduler.after(BACKUP_EVERY, this::backUp);
    }

    Instant end() {
        return now();
    }

    FaultInjector faults() {
        return faults;
    }

    WorldFaults worldFaults() {
        return worldFaults;
    }

    /** What threads of the operators have thrown and nobody caught. */
    List<Throwable> uncaught() {
        return uncaught;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    SimulatedApiServer server() {
        return server;
    }
}
