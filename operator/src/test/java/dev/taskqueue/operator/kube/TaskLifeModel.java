package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.AttemptRecord;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.kube.EntryState.Phase;
import dev.taskqueue.operator.kube.TaskRecord.Told;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One Task, all that write to it, and a watch that lags: a world of small steps that may come in any order. What this process knows of the Task
 * is a real {@link EntryState}, moved by {@link TaskTransitions}; API server, engine, journal, redriver and people are played.
 */
final class TaskLifeModel {
    private static final Instant TIME = Instant.parse("2026-11-21T09:00:00Z");
    private static final Map<Stored, TaskObject> READ = new HashMap<>();

    /** The object as the API server has it. */
    record Stored(
            long version,
            String state,
            int round,
            int attempts,
            @Nullable String runNow,
            @Nullable String redrive,
            Handled handled) {
        boolean isFailed() {
            return state.equals("Failed");
        }

        boolean isFinished() {
            return isFailed() || state.equals("Succeeded");
        }
    }

    /** A delivery in the engine. */
    record Lane(int handle, int round, int attempts, boolean due, boolean flying, boolean again, boolean over) {}

    enum At {
        CONCLUDE,
        PATCH,
        ANSWER,
        READ,
        COMPARE,
        LAND,
        OVER
    }

    /** A thread that writes an outcome, and what it has in hand. */
    record Writer(int handle, Journal.Entry entry, At at, @Nullable EntryState knew, @Nullable Stored read, boolean wrote) {
        int round() {
            return entry.progress().round();
        }

        Writer to(At next) {
            return new Writer(handle, entry, next, knew, read, wrote);
        }

        Writer knowing(EntryState state) {
            return new Writer(handle, entry, At.PATCH, state, read, wrote);
        }

        Writer having(@Nullable EntryState known, Stored stored, At next) {
            return new Writer(handle, entry, next, known, stored, wrote);
        }

        Writer written() {
            return new Writer(handle, entry, At.LAND, knew, read, true);
        }
    }

    /** A thread that starts the Task again. */
    record Redriver(@Nullable String value, int round, @Nullable Stored read, boolean done) {}

    /** A thread that tells where the Task stands. */
    record Telling(EntryState knew, long version) {}

    /** What somebody does to the object: sets a run-now, a redrive, or anything else. */
    enum Deed {
        RUN_NOW,
        REDRIVE,
        REDRIVE_BY_QUEUE,
        EDIT,
        DELETE
    }

    /**
     * What may happen.
     *
     * @param outcomes how each attempt ends, by its number: {@code BackingOff}, {@code Failed} or {@code Succeeded}
     */
    record Script(List<String> outcomes, List<Deed> deeds, boolean lostAnswers, boolean tellings) {}

    final Script script;
    private EntryState state = EntryState.UNSEEN;
    private final List<@Nullable Stored> history = new ArrayList<>();
    private int heard;
    private int deed;
    private int tellingsLeft;
    private @Nullable Integer handle;
    private boolean retained;
    private final Map<Integer, Lane> lanes = new HashMap<>();
    private final Map<Integer, Writer> writers = new HashMap<>();
    private final List<Redriver> redrivers = new ArrayList<>();
    private @Nullable Telling telling;
    /** What has to come of it in the end. */
    int roundsDue = 1;

    int attemptsDue;

    TaskLifeModel(Script script) {
        this.script = script;
        this.tellingsLeft = script.tellings() ? 1 : 0;
        history.add(new Stored(1, "", 1, 0, null, null, Handled.NOTHING));
    }

    private TaskLifeModel(TaskLifeModel other) {
        this.script = other.script;
        state = other.state;
        history.addAll(other.history);
        heard = other.heard;
        deed = other.deed;
        tellingsLeft = other.tellingsLeft;
        handle = other.handle;
        retained = other.retained;
        lanes.putAll(other.lanes);
        writers.putAll(other.writers);
        redrivers.addAll(other.redrivers);
        telling = other.telling;
        roundsDue = other.roundsDue;
        attemptsDue = other.attemptsDue;
    }

    /** Everything that the future depends on. */
    Object key() {
        return Arrays.asList(
                state,
                List.copyOf(history.stream().map(Optional::ofNullable).toList()),
                heard,
                deed,
                tellingsLeft,
                handle,
                retained,
                lanes,
                writers,
                redrivers,
                telling,
                roundsDue,
                attemptsDue);
    }

    /** The worlds that one step leads to, by the step's name. */
    Map<String, TaskLifeModel> next() {
        var all = new HashMap<String, TaskLifeModel>();
        if (heard < history.size()) {
            step(all, "watch", TaskLifeModel::hear);
            if (history.size() - heard > 1 && history.getLast() != null) {
                step(all, "list", TaskLifeModel::list);
            }
        }
        if (deed < script.deeds().size() && heard > 0) {
            step(all, script.deeds().get(deed).name(), TaskLifeModel::act);
        }
        lanes.values().stream()
                .filter(lane -> lane.due() && !lane.flying() && !lane.over())
                .forEach(lane -> step(all, "send " + lane.handle(), world -> world.send(lane)));
        writers.values().stream().filter(writer -> writer.at() != At.OVER).forEach(writer -> {
            String name = writer.at() + " " + writer.handle();
            step(all, name, world -> world.write(writer, false));
            if (writer.at() == At.PATCH && script.lostAnswers()) {
                step(all, name + ", answer lost", world -> world.write(writer, true));
            }
        });
        for (int i = 0; i < redrivers.size(); i++) {
            int index = i;
            if (!redrivers.get(i).done()) {
                step(all, "redriver " + i, world -> world.redrive(index));
            }
        }
        if (telling != null || (tellingsLeft > 0 && state.phase() instanceof Phase.Open)) {
            step(all, "telling", TaskLifeModel::tell);
        }
        return all;
    }

    private interface Step {
        void run(TaskLifeModel world);
    }

    private void step(Map<String, TaskLifeModel> all, String name, Step step) {
        var next = new TaskLifeModel(this);
        step.run(next);
        all.put(name, next);
    }

    /* The API server. */

    private @Nullable Stored stored() {
        return history.getLast();
    }

    private void store(Stored next) {
        history.add(next);
    }

    private static TaskObject object(Stored stored) {
        return READ.computeIfAbsent(stored, TaskLifeModel::parse);
    }

    private static TaskObject parse(Stored stored) {
        var annotations = new ArrayList<String>();
        if (stored.runNow() != null) {
            annotations.add("'taskqueue.dev/run-now': '" + stored.runNow() + "'");
        }
        if (stored.redrive() != null) {
            annotations.add("'taskqueue.dev/redrive': '" + stored.redrive() + "'");
        }
        ObjectNode task = (ObjectNode) TestingTasks.task(
                "a",
                stored.version(),
                "annotations: {" + String.join(", ", annotations) + "}",
                "{queueRef: {name: 'orders'}, httpRequest: {}}");
        ObjectNode status = task.putObject("status");
        if (!stored.state().isEmpty()) {
            status.put("state", stored.state()).put("dispatchCount", stored.attempts());
        }
        if (stored.round() > 1) {
            status.putObject("round").put("number", stored.round());
        }
        if (stored.handled().runNow() != null) {
            status.put("lastHandledRunNow", stored.handled().runNow());
        }
        if (stored.handled().redrive() != null) {
            status.put("lastHandledRedrive", stored.handled().redrive());
        }
        return TaskReader.read(task);
    }

    /* The watch. */

    private void hear() {
        Stored event = history.get(heard++);
        receive(event == null ? new TaskMessage.Deleted() : seen(event));
    }

    private void list() {
        heard = history.size();
        receive(seen(Objects.requireNonNull(stored())));
    }

    private static TaskMessage seen(Stored event) {
        return new TaskMessage.Seen(object(event), TaskMessage.Era.OWN);
    }

    /* What this process knows. */

    private void receive(TaskMessage message) {
        long before = state.version();
        TaskTransitions.Transition next = TaskTransitions.apply(state, message);
        state = next.state();
        next.effects().forEach(this::perform);
        assertThat(state.version()).as("the known version").isGreaterThanOrEqualTo(before);
        assertThat(handle != null).as("an open Task has a delivery").isEqualTo(state.phase().isDelivered());
        assertThat(retained).as("a finished Task is retained, and no other").isEqualTo(state.phase() instanceof Phase.Finished);
        if (handle != null) {
            Lane lane = lanes.get(handle);
            assertThat(lane.round()).isEqualTo(state.phase().round());
        }
    }

    private void perform(TaskEffect effect) {
        switch (effect) {
            case TaskEffect.Offer offer -> {
                assertThat(handle).as("one delivery at a time").isNull();
                TaskObject object = offer.object();
                handle = lanes.size();
                Integer count = object.status().dispatchCount();
                boolean due = !"BackingOff".equals(String.valueOf(object.status().state()));
                lanes.put(
                        handle,
                        new Lane(handle, History.round(object.status()), count == null ? 0 : count, due, false, false, false));
            }
            case TaskEffect.Cancel _ -> {
                Lane lane = lanes.get(Objects.requireNonNull(handle));
                lanes.put(handle, new Lane(handle, lane.round(), lane.attempts(), false, lane.flying(), false, true));
                handle = null;
            }
            case TaskEffect.Release _ -> {
                assertThat(handle).isNotNull();
                handle = null;
            }
            case TaskEffect.RunNow runNow -> {
                Lane lane = lanes.get(Objects.requireNonNull(handle));
                boolean isOver = lane.attempts() < runNow.attempts();
                lanes.put(
                        handle,
                        new Lane(
                                handle,
                                lane.round(),
                                lane.attempts(),
                                lane.due() || !lane.flying(),
                                lane.flying(),
                                lane.again() || (lane.flying() && isOver),
                                lane.over()));
            }
            case TaskEffect.Retain _ -> {
                assertThat(retained).as("retained once").isFalse();
                retained = true;
            }
            case TaskEffect.Unretain _ -> {
                assertThat(retained).isTrue();
                retained = false;
            }
            case TaskEffect.Reclassify _ -> {}
            case TaskEffect.AskRedrive ask ->
                redrivers.add(new Redriver(ask.value(), state.phase().round(), null, false));
        }
    }

    /* People. */

    private void act() {
        Stored now = stored();
        Deed what = script.deeds().get(deed++);
        if (now == null) {
            return;
        }
        long version = now.version() + 1;
        String value = "v" + deed;
        switch (what) {
            case RUN_NOW -> {
                if (now.state().equals("BackingOff")) {
                    attemptsDue = now.attempts() + 1;
                }
                store(new Stored(version, now.state(), now.round(), now.attempts(), value, now.redrive(), now.handled()));
            }
            case REDRIVE -> {
                if (now.isFailed()) {
                    roundsDue = now.round() + 1;
                }
                store(new Stored(version, now.state(), now.round(), now.attempts(), now.runNow(), value, now.handled()));
            }
            case REDRIVE_BY_QUEUE -> {
                if (state.phase() instanceof Phase.Finished finished && !finished.success() && now.isFailed()) {
                    roundsDue = now.round() + 1;
                }
                receive(new TaskMessage.RedriveAsked());
            }
            case EDIT ->
                store(new Stored(version, now.state(), now.round(), now.attempts(), now.runNow(), now.redrive(), now.handled()));
            case DELETE -> history.add(null);
        }
    }

    /* The engine and the journal. */

    private void send(Lane lane) {
        lanes.put(lane.handle(), new Lane(lane.handle(), lane.round(), lane.attempts(), false, true, false, false));
        writers.put(lane.handle(), new Writer(lane.handle(), entry(lane), At.CONCLUDE, null, null, false));
    }

    private Journal.Entry entry(Lane lane) {
        int number = lane.attempts() + 1;
        var attempt = new AttemptRecord(number, TIME, TIME, TIME, 500, AttemptReason.Interrupted, "");
        var progress = new Progress(number, number, number, lane.round(), number, TIME, List.of(attempt));
        return switch (script.outcomes().get(Math.min(number, script.outcomes().size()) - 1)) {
            case "BackingOff" -> new Journal.Entry.BackingOff(progress, TIME);
            case "Failed" -> new Journal.Entry.Finished(progress, new Ending(Ending.Reason.RetriesExhausted, ""), TIME);
            default -> new Journal.Entry.Finished(progress, new Ending(Ending.Reason.Delivered, ""), TIME);
        };
    }

    private void write(Writer writer, boolean isLost) {
        writers.put(writer.handle(), switch (writer.at()) {
            case CONCLUDE -> conclude(writer);
            case PATCH -> patch(writer, isLost);
            case ANSWER -> answer(writer, Objects.requireNonNull(writer.read()));
            case READ -> stored() == null ? writer.to(At.LAND) : writer.having(state, stored(), At.COMPARE);
            case COMPARE -> compare(writer, Objects.requireNonNull(writer.read()));
            case LAND -> land(writer);
            case OVER -> writer;
        });
    }

    private Writer conclude(Writer writer) {
        receive(new TaskMessage.Concluding(writer.round(), writer.entry()));
        if (state.isDelivering(writer.round())) {
            return writer.knowing(state);
        }
        return state.phase() instanceof Phase.Finished(int round, boolean _) && round == writer.round()
                ? writer.to(At.READ)
                : writer.to(At.LAND);
    }

    private Writer patch(Writer writer, boolean isLost) {
        Stored now = stored();
        EntryState knew = Objects.requireNonNull(writer.knew());
        if (now == null) {
            return writer.to(At.LAND);
        }
        if (now.version() != knew.version()) {
            return writer.to(At.READ);
        }
        assertThat(now.round()).as("an outcome is written into its own round").isEqualTo(writer.round());
        assertThat(now.isFinished()).as("an end stands").isFalse();
        var next = new Stored(
                now.version() + 1,
                stateOf(writer.entry()),
                now.round(),
                writer.entry().progress().dispatches(),
                now.runNow(),
                now.redrive(),
                knew.told().handled().over(now.handled()));
        store(next);
        return isLost ? writer.to(At.READ) : writer.having(knew, next, At.ANSWER);
    }

    private static String stateOf(Journal.Entry entry) {
        return switch (entry) {
            case Journal.Entry.BackingOff _ -> "BackingOff";
            case Journal.Entry.Finished finished -> finished.ending().isSuccess() ? "Succeeded" : "Failed";
        };
    }

    private Writer answer(Writer writer, Stored written) {
        Told told = new Told(written.state(), true, TIME, TIME, false, Objects.requireNonNull(writer.knew()).told().handled());
        receive(new TaskMessage.Acknowledged(writer.round(), written.version(), writer.entry(), told));
        return writer.written();
    }

    private Writer compare(Writer writer, Stored read) {
        receive(new TaskMessage.Read(Objects.requireNonNull(writer.knew()).version(), object(read)));
        boolean isIn = read.round() == writer.round()
                && read.state().equals(stateOf(writer.entry()))
                && read.attempts() == writer.entry().progress().dispatches();
        if (isIn) {
            return answer(writer, read);
        }
        return read.round() != writer.round() || read.isFinished() ? writer.to(At.LAND) : writer.to(At.CONCLUDE);
    }

    private Writer land(Writer writer) {
        Lane lane = lanes.get(writer.handle());
        boolean goesOn = writer.wrote() && writer.entry() instanceof Journal.Entry.BackingOff && !lane.over();
        int attempts = goesOn ? lane.attempts() + 1 : lane.attempts();
        lanes.put(
                writer.handle(),
                new Lane(writer.handle(), lane.round(), attempts, goesOn && lane.again(), false, false, !goesOn));
        return writer.to(At.OVER);
    }

    /* The redriver and the teller. */

    private void redrive(int index) {
        Redriver redriver = redrivers.get(index);
        Stored now = stored();
        if (redriver.read() == null) {
            boolean isNothing = now == null
                    || !now.isFailed()
                    || (redriver.value() != null && redriver.value().equals(now.handled().redrive()));
            if (isNothing) {
                done(index, redriver);
            } else {
                redrivers.set(index, new Redriver(redriver.value(), redriver.round(), now, false));
            }
            return;
        }
        if (now != null && now.version() == redriver.read().version()) {
            store(new Stored(
                    now.version() + 1,
                    "Queued",
                    now.round() + 1,
                    now.attempts(),
                    now.runNow(),
                    now.redrive(),
                    redriver.value() == null ? now.handled() : now.handled().withRedrive(redriver.value())));
            done(index, redriver);
        } else {
            redrivers.set(index, new Redriver(redriver.value(), redriver.round(), null, false));
        }
    }

    private void done(int index, Redriver redriver) {
        redrivers.set(index, new Redriver(redriver.value(), redriver.round(), redriver.read(), true));
        receive(new TaskMessage.RedriveDone(redriver.round(), redriver.value()));
    }

    private void tell() {
        Stored now = stored();
        if (telling == null) {
            tellingsLeft--;
            telling = new Telling(state, 0);
        } else if (telling.version() > 0) {
            Handled knew = telling.knew().told().handled();
            receive(new TaskMessage.StatusTold(
                    telling.knew().phase().round(),
                    telling.version(),
                    new Told("Queued", true, TIME, TIME, false, knew)));
            telling = null;
        } else if (now != null && now.version() == telling.knew().version()) {
            store(new Stored(
                    now.version() + 1, "Queued", now.round(), now.attempts(), now.runNow(), now.redrive(), now.handled()));
            telling = new Telling(telling.knew(), now.version() + 1);
        } else {
            telling = null;
        }
    }

    /* The end: nothing more can happen. */

    void check() {
        Stored now = stored();
        if (now == null) {
            assertThat(state.phase()).isInstanceOf(Phase.Gone.class);
            return;
        }
        assertThat(state.version()).isEqualTo(now.version());
        assertThat(state.phase().round()).isEqualTo(now.round());
        assertThat(state.redrive()).isNull();
        assertThat(now.round()).as("rounds: each redrive that was to be heeded, and no other").isEqualTo(roundsDue);
        assertThat(now.attempts()).as("attempts, those that run-now asked for included").isGreaterThanOrEqualTo(attemptsDue);
        if (now.isFinished()) {
            assertThat(state.phase()).isEqualTo(new Phase.Finished(now.round(), !now.isFailed()));
        } else {
            assertThat(state.phase()).isInstanceOf(Phase.Open.class);
            assertThat(lanes.get(Objects.requireNonNull(handle)))
                    .as("an open Task goes on")
                    .isEqualTo(new Lane(handle, now.round(), now.attempts(), false, false, false, false));
        }
        assertThat(state.told().handled().runNow()).isEqualTo(now.runNow());
        assertThat(state.told().handled().redrive()).isEqualTo(now.redrive());
        assertThat(lanes.values().stream().filter(lane -> !lane.over())).hasSize(state.phase().isDelivered() ? 1 : 0);
    }

    int sent() {
        return writers.size();
    }

    Stored object() {
        return Objects.requireNonNull(stored());
    }
}
