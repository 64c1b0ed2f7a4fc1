package dev.taskqueue.operator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.cache.ModelledOutcomeWriter.At;
import dev.taskqueue.operator.cache.RecordState.Phase;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.task.HandledAnnotations;
import dev.taskqueue.operator.task.WrittenStatus;
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
 * A model of one Task, everything that writes to it, and a watch that lags. It moves in small steps, which may come in any order. The process's
 * knowledge of the Task is a real {@link RecordState}, which {@link TaskTransitions} changes. API server, engine, journal, redriver and people are
 * simulated.
 */
final class TaskLifeModel {
    private static final Instant TIME = Instant.parse("2026-11-21T09:00:00Z");

    /** A thread that writes the waiting status of the Task. */
    record Telling(RecordState knew, long version) {}

    private final TaskLifeScript script;
    private final ModelledProcess process;
    private final List<@Nullable ModelledTask> history = new ArrayList<>();
    private int heard;
    private int deed;
    private int tellingsLeft;
    private final Map<Integer, ModelledOutcomeWriter> writers = new HashMap<>();
    private @Nullable Telling statusWrite;
    /** How many rounds the Task must have had at the end. */
    int roundsDue = 1;

    int attemptsDue;

    TaskLifeModel(TaskLifeScript script) {
        this.script = script;
        this.process = new ModelledProcess();
        this.tellingsLeft = script.tellings() ? 1 : 0;
        history.add(ModelledTask.NEW);
    }

    private TaskLifeModel(TaskLifeModel other) {
        this.script = other.script;
        process = new ModelledProcess(other.process);
        history.addAll(other.history);
        heard = other.heard;
        deed = other.deed;
        tellingsLeft = other.tellingsLeft;
        writers.putAll(other.writers);
        statusWrite = other.statusWrite;
        roundsDue = other.roundsDue;
        attemptsDue = other.attemptsDue;
    }

    /** Everything that determines the further course. */
    Object key() {
        List<@Nullable ModelledTask> unheard = history.subList(Math.min(heard, history.size() - 1), history.size());
        return Arrays.asList(
                process.key(),
                List.copyOf(unheard.stream().map(Optional::ofNullable).toList()),
                heard < history.size(),
                deed,
                tellingsLeft,
                writers.values().stream().map(ModelledOutcomeWriter::key).toList(),
                statusWrite,
                roundsDue,
                attemptsDue);
    }

    /** The models after each possible next step, by the name of the step. */
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
        process.lanes.values().stream()
                .filter(ModelLane::maySend)
                .forEach(lane -> step(all, "send " + lane.handle(), world -> world.send(lane)));
        writers.values().stream().filter(writer -> writer.at() != At.OVER).forEach(writer -> {
            String name = writer.at() + " " + writer.handle();
            step(all, name, world -> world.write(writer, false));
            if (writer.at() == At.PATCH && script.lostAnswers()) {
                step(all, name + ", answer lost", world -> world.write(writer, true));
            }
        });
        for (int i = 0; i < process.redrivers.size(); i++) {
            int index = i;
            if (!process.redrivers.get(i).done()) {
                step(all, "redriver " + i, world -> world.redrive(index));
            }
        }
        if (statusWrite != null || (tellingsLeft > 0 && process.state.phase() instanceof Phase.Open)) {
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

    private @Nullable ModelledTask stored() {
        return history.getLast();
    }

    private void store(ModelledTask next) {
        history.add(next);
    }

    /* The watch. */

    private void hear() {
        ModelledTask event = history.get(heard++);
        process.receive(event == null ? new TaskMessage.Deleted() : seen(event));
    }

    private void list() {
        heard = history.size();
        process.receive(seen(Objects.requireNonNull(stored())));
    }

    private static TaskMessage seen(ModelledTask event) {
        return new TaskMessage.Seen(event.object(), TaskMessage.Era.OWN);
    }

    /* People. */

    private void act() {
        ModelledTask now = stored();
        TaskLifeScript.Deed what = script.deeds().get(deed++);
        if (now == null) {
            return;
        }
        String value = "v" + deed;
        switch (what) {
            case RUN_NOW -> {
                if (now.state().equals("BackingOff")) {
                    attemptsDue = now.attempts() + 1;
                }
                store(now.withRunNow(value));
            }
            case REDRIVE -> {
                if (now.isFailed()) {
                    roundsDue = now.round() + 1;
                }
                store(now.withRedrive(value));
            }
            case REDRIVE_BY_QUEUE -> {
                if (process.state.phase() instanceof Phase.Finished finished && !finished.success() && now.isFailed()) {
                    roundsDue = now.round() + 1;
                }
                process.receive(new TaskMessage.RedriveRequested(value));
            }
            case EDIT -> store(now.edited());
            case DELETE -> history.add(null);
        }
    }

    /* The engine and the journal. */

    private void send(ModelLane lane) {
        process.lanes.put(lane.handle(), lane.sent());
        writers.put(lane.handle(), ModelledOutcomeWriter.of(lane.handle(), lane.outcome(script.outcomes())));
    }

    private void write(ModelledOutcomeWriter writer, boolean isLost) {
        writers.put(
                writer.handle(),
                switch (writer.at()) {
                    case CONCLUDE -> conclude(writer);
                    case PATCH -> patch(writer, isLost);
                    case ANSWER -> answer(writer, writer.inHand());
                    case READ ->
                        stored() == null ? writer.to(At.LAND) : writer.having(process.state, stored(), At.COMPARE);
                    case COMPARE -> compare(writer, writer.inHand());
                    case LAND -> land(writer);
                    case OVER -> writer;
                });
    }

    private ModelledOutcomeWriter conclude(ModelledOutcomeWriter writer) {
        process.receive(new TaskMessage.OutcomeWriteBegins(writer.round(), writer.entry()));
        if (process.state.isDelivering(writer.round())) {
            return writer.knowing(process.state);
        }
        return process.state.phase() instanceof Phase.Finished(int round, boolean _) && round == writer.round()
                ? writer.to(At.READ)
                : writer.to(At.LAND);
    }

    private ModelledOutcomeWriter patch(ModelledOutcomeWriter writer, boolean isLost) {
        ModelledTask now = stored();
        RecordState knew = writer.knownState();
        if (now == null) {
            return writer.to(At.LAND);
        }
        if (now.version() != knew.version()) {
            return writer.to(At.READ);
        }
        assertThat(now.round()).as("an outcome is written into its own round").isEqualTo(writer.round());
        assertThat(now.isFinished()).as("an end stands").isFalse();
        ModelledTask next =
                now.after(writer.attempt(), writer.state(), knew.writtenStatus().handled());
        store(next);
        return isLost ? writer.to(At.READ) : writer.having(knew, next, At.ANSWER);
    }

    private ModelledOutcomeWriter answer(ModelledOutcomeWriter writer, ModelledTask written) {
        WrittenStatus told = new WrittenStatus(
                written.state(),
                true,
                TIME,
                TIME,
                false,
                writer.knownState().writtenStatus().handled());
        process.receive(new TaskMessage.OutcomeWritten(writer.round(), written.version(), writer.entry(), told));
        return writer.written();
    }

    private ModelledOutcomeWriter compare(ModelledOutcomeWriter writer, ModelledTask read) {
        process.receive(new TaskMessage.Read(writer.knownState().version(), read.object()));
        if (writer.isIn(read)) {
            return answer(writer, read);
        }
        return read.round() != writer.round() || read.isFinished() ? writer.to(At.LAND) : writer.to(At.CONCLUDE);
    }

    private ModelledOutcomeWriter land(ModelledOutcomeWriter writer) {
        boolean retries = writer.wrote() && writer.entry() instanceof Journal.Entry.BackingOff;
        process.lanes.compute(writer.handle(), (of, lane) -> lane.landed(retries));
        return writer.to(At.OVER);
    }

    /* The redriver and the writer of waiting status. */

    private void redrive(int index) {
        ModelledProcess.Redriver redriver = process.redrivers.get(index);
        ModelledTask now = stored();
        if (redriver.read() == null) {
            boolean isNothing = now == null || !now.isFailed() || now.handled().include(redriver.request());
            if (isNothing) {
                done(index, redriver);
            } else {
                process.redrivers.set(
                        index, new ModelledProcess.Redriver(redriver.request(), redriver.round(), now, false));
            }
            return;
        }
        if (now != null && now.version() == redriver.read().version()) {
            store(now.redriven(redriver.request()));
            done(index, redriver);
        } else {
            process.redrivers.set(
                    index, new ModelledProcess.Redriver(redriver.request(), redriver.round(), null, false));
        }
    }

    private void done(int index, ModelledProcess.Redriver redriver) {
        process.redrivers.set(
                index, new ModelledProcess.Redriver(redriver.request(), redriver.round(), redriver.read(), true));
        process.receive(new TaskMessage.RedriveDone(redriver.round(), redriver.request()));
    }

    private void tell() {
        ModelledTask now = stored();
        if (statusWrite == null) {
            tellingsLeft--;
            statusWrite = new Telling(process.state, 0);
        } else if (statusWrite.version() > 0) {
            HandledAnnotations knew = statusWrite.knew().writtenStatus().handled();
            process.receive(new TaskMessage.StatusWritten(
                    statusWrite.knew().phase().round(),
                    statusWrite.version(),
                    new WrittenStatus("Queued", true, TIME, TIME, false, knew)));
            statusWrite = null;
        } else if (now != null && now.version() == statusWrite.knew().version()) {
            store(now.withState("Queued"));
            statusWrite = new Telling(statusWrite.knew(), now.version() + 1);
        } else {
            statusWrite = null;
        }
    }

    /* The end: no further step is possible. */

    void check() {
        ModelledTask now = stored();
        if (now == null) {
            assertThat(process.state.phase()).isInstanceOf(Phase.Deleted.class);
            return;
        }
        assertThat(process.state.version()).isEqualTo(now.version());
        assertThat(process.state.phase().round()).isEqualTo(now.round());
        assertThat(process.state.redrive()).isNull();
        assertThat(now.round())
                .as("rounds: each redrive that was to be heeded, and no other")
                .isEqualTo(roundsDue);
        assertThat(now.attempts())
                .as("attempts, those that run-now asked for included")
                .isGreaterThanOrEqualTo(attemptsDue);
        if (now.isFinished()) {
            assertThat(process.state.phase()).isEqualTo(new Phase.Finished(now.round(), !now.isFailed()));
        } else {
            assertThat(process.state.phase()).isInstanceOf(Phase.Open.class);
            assertThat(process.lanes.get(Objects.requireNonNull(process.handle)))
                    .as("an open Task goes on")
                    .isEqualTo(new ModelLane(process.handle, now.round(), now.attempts(), false, false, false, false));
        }
        assertThat(process.state.writtenStatus().handled().runNow()).isEqualTo(now.runNow());
        assertThat(process.state.writtenStatus().handled().redrive()).isEqualTo(now.redrive());
        assertThat(process.lanes.values().stream().filter(lane -> !lane.over()))
                .hasSize(process.state.phase().isDelivered() ? 1 : 0);
    }
}
