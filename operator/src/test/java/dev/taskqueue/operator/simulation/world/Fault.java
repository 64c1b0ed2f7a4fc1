package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.simulation.world.Step.Phase;
import dev.taskqueue.operator.simulation.world.Step.Point;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A fault that a plan has in store.
 *
 * @param trigger when it happens
 * @param length how long it lasts, or how long a process stays away; zero where the kind has no length
 */
record Fault(Trigger trigger, Kind kind, Duration length) {
    /** When a fault happens. */
    sealed interface Trigger {
        /** At a time after the start. */
        record At(Duration time) implements Trigger {}

        /**
         * When a process passes a point, or soon after it.
         *
         * @param passing counts the passings of all processes, from 1
         * @param handOvers so many threads of the process go on after the point, before the process is struck; 0 for faults of requests and watches
         */
        record Passing(Point point, int passing, int handOvers) implements Trigger {}
    }

    /** What a fault concerns. */
    enum Target {
        /** The process that passes the point, or one that is chosen. */
        Process,
        /** The request at whose point it happens. */
        Request,
        /** The request to a worker. */
        Delivery,
        /** The watch that delivers. */
        Watch,
        /** The API server, its data, or the network. */
        World
    }

    /** The kinds of faults. */
    enum Kind {
        Crash(Target.Process),
        /** SIGTERM: the process ends within its grace period. */
        Terminate(Target.Process),
        /** SIGSTOP, then SIGCONT: clocks go on meanwhile. */
        Freeze(Target.Process),
        /** The machine sleeps: the monotonic clock stands still. */
        Suspend(Target.Process),
        /** Somebody sets the wall clock of the process's machine. */
        SetClock(Target.Process),
        /** Nobody listens. */
        Refuse(Target.Request),
        /** The request never arrives, and nobody says so before the timeout. */
        LoseRequest(Target.Request),
        /** The request is carried out, and the connection breaks. */
        LoseAnswer(Target.Request),
        /** The request is carried out, and no answer comes before the timeout. */
        SilenceAnswer(Target.Request),
        /** The request arrives late, perhaps after its sender has given it up. */
        DelayRequest(Target.Request),
        AnswerConflict(Target.Request),
        AnswerForbidden(Target.Request),
        AnswerInvalid(Target.Request),
        AnswerTooMany(Target.Request),
        AnswerInternalError(Target.Request),
        AnswerUnavailable(Target.Request),
        AnswerTimeout(Target.Request),
        /** 504 for a request that was carried out. */
        AnswerTimeoutStored(Target.Request),
        /** Something between client and server answers with a page. */
        AnswerGarbage(Target.Request),
        /** 200 with half of the body. */
        CutAnswer(Target.Request),
        ConnectRefused(Target.Delivery),
        ConnectHangs(Target.Delivery),
        ConnectionCut(Target.Delivery),
        /** The worker answers, and the answer is lost. */
        DeliveryAnswerLost(Target.Delivery),
        DeliveryLate(Target.Delivery),
        CutWatch(Target.Watch),
        EndWatch(Target.Watch),
        /** The watch stays open and delivers nothing more. */
        SilenceWatch(Target.Watch),
        LagWatch(Target.Watch),
        /** The machine of one process has no network to the API server, and none for new connections to workers: those are open once it is back. */
        Partition(Target.World),
        RestartApiServer(Target.World),
        SlowApiServer(Target.World),
        /** The API server is busy: it answers 429 to every write of operators. Watches and reads go on, and people can write. */
        RefuseWrites(Target.World),
        /** Every write of Tasks in one namespace is refused. */
        RefuseNamespace(Target.World),
        /** etcd forgets its history: old watches and continue tokens get 410. */
        CompactHistory(Target.World),
        /** etcd goes back to a backup that is as old as the fault's length. */
        RestoreBackup(Target.World),
        /** The API server's cache of watches is behind. */
        DelayWatches(Target.World),
        /** A webhook answers 409 to every write of Tasks in one namespace, as if somebody else had changed them. */
        ConflictNamespace(Target.World),
        /** Secrets and ConfigMaps of one namespace cannot be read: nobody answers before the timeout. */
        HangReads(Target.World),
        StealLease(Target.World),
        DeleteLease(Target.World),
        WorkersRefuse(Target.World),
        WorkersHang(Target.World);

        final Target target;

        Kind(Target target) {
            this.target = target;
        }
    }

    /** The kinds that can happen at a point. */
    static List<Kind> possibleAt(Point point) {
        var kinds = new ArrayList<Kind>();
        for (Kind kind : Kind.values()) {
            if (isPossible(kind, point)) {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    private static boolean isPossible(Kind kind, Point point) {
        Step.Kind step = point.step().kind;
        return switch (kind.target) {
            case Process -> kind != Kind.SetClock;
            case Request ->
                point.phase() == Phase.Sending
                        && (step == Step.Kind.Write || (step == Step.Kind.Read && isPossibleForReads(kind)));
            case Delivery -> point.phase() == Phase.Sending && step == Step.Kind.Delivery;
            case Watch -> step == Step.Kind.Event;
            case World -> false;
        };
    }

    private static boolean isPossibleForReads(Kind kind) {
        return switch (kind) {
            case AnswerConflict, AnswerInvalid, AnswerTimeoutStored -> false;
            default -> true;
        };
    }
}
