package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.kube.ApiRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A step of a process, as the world sees it: a request to the API server, a request to a worker, something that a watch delivers, a wake-up. Between two
 * of them lies everything that happens to a Task from "seen on the watch" to "object deleted".
 */
enum Step {
    ListTasks(Kind.Read),
    ListClaims(Kind.Read),
    WatchTasks(Kind.Read),
    ListBatches(Kind.Read),
    WatchBatches(Kind.Read),
    ReadBatch(Kind.Read),
    ReadTask(Kind.Read),
    ReadTaskFromCache(Kind.Read),
    ReadSecret(Kind.Read),
    ReadConfigMap(Kind.Read),
    ReadLease(Kind.Read),
    ReadOthers(Kind.Read),
    RequestToken(Kind.Write),
    WriteScheduled(Kind.Write),
    WriteQueued(Kind.Write),
    WriteClaim(Kind.Write),
    WriteBackingOff(Kind.Write),
    WriteSucceeded(Kind.Write),
    WriteFailed(Kind.Write),
    WriteRedriven(Kind.Write),
    WriteCompletedNote(Kind.Write),
    WriteQueueStatus(Kind.Write),
    CreateDeadLetter(Kind.Write),
    CreateBatch(Kind.Write),
    WriteBatchStatus(Kind.Write),
    WriteBatchEnd(Kind.Write),
    AnnotateBatch(Kind.Write),
    DeleteTask(Kind.Write),
    DeleteBatch(Kind.Write),
    WriteLease(Kind.Write),
    CallWorker(Kind.Delivery),
    SeeTaskAdded(Kind.Event),
    SeeTaskModified(Kind.Event),
    SeeTaskDeleted(Kind.Event),
    SeeTaskBookmark(Kind.Event),
    SeeBatchChanged(Kind.Event),
    SeeBatchDeleted(Kind.Event),
    SeeQueueChanged(Kind.Event),
    SeeServiceChanged(Kind.Event),
    SeeLeaseChanged(Kind.Event),
    AlarmRings(Kind.Wake),
    DutyRuns(Kind.Wake);

    /** What kind of step it is: that decides its phases. */
    enum Kind {
        Read(Phase.Sending, Phase.Answered),
        Write(Phase.Sending, Phase.Stored, Phase.Answered),
        Delivery(Phase.Sending, Phase.Connected, Phase.Received, Phase.Answered),
        Event(Phase.Delivered),
        Wake(Phase.Delivered);

        @SuppressWarnings("ImmutableEnumChecker") // the list is immutable
        final List<Phase> phases;

        Kind(Phase... phases) {
            this.phases = List.of(phases);
        }
    }

    /** A moment within a step. */
    enum Phase {
        /** The process is about to send; nothing has left. */
        Sending,
        /** The connection to the worker is open; nothing has left. */
        Connected,
        /** The API server has stored the write; the process does not know it. */
        Stored,
        /** The worker has the whole request; the process does not know what comes of it. */
        Received,
        /** The process is about to see the answer. */
        Answered,
        /** The process is about to handle it. */
        Delivered
    }

    /** A named moment at which a process can crash, and a request can fail. */
    record Point(Step step, Phase phase) {
        @SuppressWarnings("EnumOrdinal") // The numbers are indexes of arrays, and are kept nowhere else.
        private static int number(Step step, Phase phase) {
            return step.ordinal() * PHASES + phase.ordinal();
        }

        /** Less than {@link #NUMBERS}. */
        int number() {
            return number(step, phase);
        }

        @Override
        public String toString() {
            return step + "/" + phase;
        }
    }

    static final String BATCHES = "/taskbatches";
    private static final int PHASES = Phase.values().length;
    /** One more than the highest number of a point. */
    static final int NUMBERS = values().length * PHASES;

    /** Runs ask for points all the time. */
    private static final Point[] POINTS_BY_NUMBER = numbered();

    private static final List<Point> POINTS = allPoints();

    final Kind kind;

    Step(Kind kind) {
        this.kind = kind;
    }

    Point at(Phase phase) {
        return POINTS_BY_NUMBER[Point.number(this, phase)];
    }

    static List<Point> points() {
        return POINTS;
    }

    private static Point[] numbered() {
        var points = new Point[NUMBERS];
        for (Step step : values()) {
            for (Phase phase : Phase.values()) {
                points[Point.number(step, phase)] = new Point(step, phase);
            }
        }
        return points;
    }

    private static List<Point> allPoints() {
        var points = new ArrayList<Point>();
        for (Step step : values()) {
            step.kind.phases.forEach(phase -> points.add(step.at(phase)));
        }
        return List.copyOf(points);
    }

    /** The step that a request to the API server is. */
    static Step of(ApiRequest request) {
        String path = request.path();
        if (path.contains(BATCHES)) {
            return ofBatch(request.method(), path, request.body());
        }
        return switch (request.method()) {
            case "GET" -> read(path);
            case "DELETE" -> DeleteTask;
            case "POST" ->
                path.contains("/token") ? RequestToken : path.contains("/leases") ? WriteLease : CreateDeadLetter;
            case "PUT" -> path.contains("/leases") ? WriteLease : WriteQueueStatus;
            default -> path.contains("/taskqueues/") ? WriteQueueStatus : write(path, request.body());
        };
    }

    private static Step ofBatch(String method, String path, byte[] body) {
        return switch (method) {
            case "GET" ->
                path.contains(BATCHES + "/") ? ReadBatch : path.contains("watch=true") ? WatchBatches : ListBatches;
            case "DELETE" -> DeleteBatch;
            case "POST" -> CreateBatch;
            default ->
                !path.contains("/status")
                        ? AnnotateBatch
                        : new String(body, StandardCharsets.UTF_8).contains("\"completionTime\":\"")
                                ? WriteBatchEnd
                                : WriteBatchStatus;
        };
    }

    private static Step read(String path) {
        if (path.contains("/leases")) {
            return ReadLease;
        }
        if (path.contains("/secrets/")) {
            return ReadSecret;
        }
        if (path.contains("/configmaps/")) {
            return ReadConfigMap;
        }
        if (path.contains("/tasks/")) {
            return path.contains("resourceVersion=0") ? ReadTaskFromCache : ReadTask;
        }
        if (path.contains("/tasks")) {
            return path.contains("watch=true") ? WatchTasks : path.contains("fieldSelector") ? ListClaims : ListTasks;
        }
        return ReadOthers;
    }

    private static Step write(String path, byte[] body) {
        if (!path.contains("/status")) {
            return WriteCompletedNote;
        }
        String patch = new String(body, StandardCharsets.UTF_8);
        int state = patch.indexOf("\"state\":\"") + 9;
        return switch (patch.substring(state, patch.indexOf('"', state))) {
            case "Scheduled" -> WriteScheduled;
            case "Dispatching" -> WriteClaim;
            case "BackingOff" -> WriteBackingOff;
            case "Succeeded" -> WriteSucceeded;
            case "Failed" -> WriteFailed;
            default -> patch.contains("\"completionTime\":null") ? WriteRedriven : WriteQueued;
        };
    }
}
