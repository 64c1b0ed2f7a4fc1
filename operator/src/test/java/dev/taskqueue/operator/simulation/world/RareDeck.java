package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.world.PersonAction.AnswerWrite;
import dev.taskqueue.operator.simulation.world.PersonAction.Send;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What few people do, and the operator must bear: orders while its write is on the way, times with an offset, a status that somebody has written by
 * hand, large bodies that soon expire. */
final class RareDeck {
    private static final int FEWEST = 6;
    private static final int TASKS_FOR_ONE_ORDER = 50;
    /** Of so many writes that somebody answers, the operator gets no answer to one. */
    private static final int UNANSWERED = 3;

    private static final List<ZoneOffset> OFFSETS =
            List.of(ZoneOffset.ofHours(2), ZoneOffset.ofHoursMinutes(-5, -30), ZoneOffset.ofHours(14));

    /** The API server takes an hour of 19 in an offset. Java takes none above 18. */
    private static final String UNREADABLE = "2026-01-01T00:00:30+19:00";

    private static final int EXPIRING = 10;
    private static final int LARGE = 20_000;

    private final SplittableRandom random;
    private final Deck.Size size;
    private final boolean isCalm;
    private final List<PersonAction> actions = new ArrayList<>();

    /** @param isCalm whether no answer may be lost */
    RareDeck(SplittableRandom random, Deck.Size size, boolean isCalm) {
        this.random = random;
        this.size = size;
        this.isCalm = isCalm;
    }

    List<PersonAction> actions() {
        int orders = Math.max(FEWEST, size.tasks() / TASKS_FOR_ONE_ORDER);
        for (int i = 0; i < orders; i++) {
            Duration pause = random.nextBoolean() ? Duration.ZERO : Duration.ofNanos(random.nextLong(2_000_000));
            boolean unanswered = random.nextInt(UNANSWERED) == 0;
            actions.add(new AnswerWrite(
                    at(8),
                    namespace(),
                    random.nextBoolean(),
                    unanswered && !isCalm,
                    pause,
                    random.nextBoolean(),
                    "at-once-" + i));
        }
        for (int i = 0; i < 2; i++) {
            withOffset("offset" + i);
        }
        for (int i = 0; i < EXPIRING; i++) {
            expiring("expiring" + i);
        }
        if (random.nextInt(3) == 0) {
            byHand();
        }
        return actions;
    }

    /** @param tenths of the busy time */
    private Duration at(int tenths) {
        return Duration.ofSeconds(1).plusNanos(random.nextLong(size.busy().toNanos() * tenths / 10));
    }

    private String namespace() {
        return Deck.NAMESPACES.get(random.nextInt(Deck.NAMESPACES.size()));
    }

    private void withOffset(String name) {
        Duration created = at(7);
        var due = SimulatedProcess.START.plus(created).plusMillis(random.nextInt(1_000, 15_000));
        var local = due.atOffset(OFFSETS.get(random.nextInt(OFFSETS.size())));
        ObjectNode task = TaskDeck.plain(name, "fast");
        task.withObject("/spec")
                .put("scheduleTime", local.toString())
                .put("expireTime", local.plusMinutes(3).toString());
        actions.add(TaskDeck.create(created, namespace(), task));
    }

    /** A body so large that it is read once more before it leaves, and a time that may pass meanwhile. */
    private void expiring(String name) {
        Duration created = at(7);
        ObjectNode task = TaskDeck.plain(name, "fast");
        task.withObject("/spec")
                .put(
                        "expireTime",
                        SimulatedProcess.START
                                .plus(created)
                                .plusMillis(random.nextInt(20, 4_000))
                                .toString());
        task.withObject("/spec/httpRequest").put("body", "x".repeat(LARGE));
        actions.add(TaskDeck.create(created, namespace(), task));
    }

    /** Somebody with the right to write statuses has claimed a Task, until a time that Java cannot read. */
    private void byHand() {
        Duration created = at(4);
        String collection = ClusterDeck.API + namespace() + "/tasks";
        ObjectNode task = TaskDeck.plain("byhand", "fast");
        task.withObject("/spec").put("delay", "1h");
        actions.add(Send.create(created, collection, task));
        actions.add(
                Send.patch(created.plusMillis(random.nextInt(50, 3_000)), collection + "/byhand/status", """
                {"status":{"state":"Dispatching","claim":{"holder":"somebody","attempt":1,"deadline":"%s"}}}""".formatted(
                                UNREADABLE)));
        actions.add(Send.delete(size.busy().multipliedBy(96).dividedBy(100), collection + "/byhand"));
    }
}
