package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.rpc.Code;
import dev.taskqueue.gateway.calls.ItemGroup.Kind;
import dev.taskqueue.gateway.calls.ItemGroup.Member;
import dev.taskqueue.gateway.calls.ItemGroup.Place;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterFailures;
import dev.taskqueue.gateway.cluster.ClusterPaths;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.BatchObjectWriter;
import dev.taskqueue.gateway.mapping.ItemDraft;
import dev.taskqueue.gateway.mapping.ItemName;
import dev.taskqueue.gateway.ops.GatewayMeters;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Gathers calls that create Tasks of one kind, and creates a TaskBatch for each gathering. The first call is written at once; what comes while that write
 * is in flight is written by the next one, as databases commit in groups. A call is answered after its write. Safe for use by several threads.
 */
public final class TaskGroups {
    /** Of one kind at a time; all but the first only if a batch is full. */
    private static final int MOST_WRITES = 4;

    private static final int MOST_NAMES = 3;
    /** What the API server says about an object that it finds invalid, or too large. */
    private static final Set<Integer> INVALID = Set.of(400, 413, 422);

    private static final int ROOM_UNIT = 1_024;
    /** A single write may hold a body of 256 KiB. */
    private static final int ROOM_OF_WRITE = 256;
    /** A call takes more memory than its line. */
    private static final int LEAST_ROOM = 4;

    private final ObjectCreation creation;
    private final Executor threads;
    private final GatewayMeters meters;
    private final int allRoom;
    private final Semaphore room;
    private final Map<Kind, ItemGroup> groups = new HashMap<>();

    /**
     * Gathers from now on.
     *
     * @param threads run the writes
     * @param maxWrites the bound of writes in flight; calls in groups take as much memory as so many single writes
     */
    public TaskGroups(ClusterClient api, InstantSource clock, Executor threads, int maxWrites, GatewayMeters meters) {
        this.creation = new ObjectCreation(api, clock);
        this.threads = threads;
        this.meters = meters;
        this.allRoom = Math.multiplyExact(maxWrites, ROOM_OF_WRITE);
        this.room = new Semaphore(allRoom);
    }

    /** Creates the Task as an item and returns it, or absent if it must be created alone. */
    Optional<ObjectNode> create(CallContext call, String namespace, String queue, ItemDraft item) {
        var member = new Member(call, item, acquire(call, item));
        var kind = new Kind(call.caller(), namespace, queue, item.template());
        enter(kind, member);
        return await(kind, member).map(place -> item.written(place.name(), place.batch()));
    }

    private int acquire(CallContext call, ItemDraft item) {
        int needed = Math.min(allRoom, Math.max(LEAST_ROOM, item.line().length() / ROOM_UNIT));
        try {
            if (!room.tryAcquire(needed, ClusterClient.longestWait(call).toNanos(), TimeUnit.NANOSECONDS)) {
                throw ClusterClient.tooManyWrites();
            }
        } catch (InterruptedException stopping) {
            throw ClusterClient.stopping();
        }
        return needed;
    }

    private Optional<Place> await(Kind kind, Member member) {
        try {
            return member.place.get(member.call.deadline() - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            leave(kind, member);
            throw CallContext.late();
        } catch (InterruptedException stopping) {
            leave(kind, member);
            throw ClusterClient.stopping();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RpcFailure failure) {
                throw failure;
            }
            throw new IllegalStateException("a TaskBatch was not written", failed.getCause());
        }
    }

    /** The calls whose write has not begun. */
    synchronized int waiting() {
        return groups.values().stream().mapToInt(ItemGroup::size).sum();
    }

    /** Those of them whose clients have neither gone nor lost patience. */
    public synchronized long awaited() {
        return groups.values().stream().mapToLong(ItemGroup::awaited).sum();
    }

    private synchronized void enter(Kind kind, Member member) {
        ItemGroup group = groups.computeIfAbsent(kind, ItemGroup::new);
        group.add(member);
        advance(group);
    }

    /** A call that is in a write already stays there. */
    private synchronized void leave(Kind kind, Member member) {
        ItemGroup group = groups.get(kind);
        if (group != null && group.remove(member)) {
            room.release(member.room);
            advance(group);
        }
    }

    private synchronized void writeEnded(ItemGroup group, List<Member> members) {
        members.forEach(member -> room.release(member.room));
        group.writeEnds();
        advance(group);
    }

    private void advance(ItemGroup group) {
        while (group.isDue(MOST_WRITES)) {
            List<Member> members = waiting(group.take());
            if (!members.isEmpty()) {
                group.writeBegins();
                threads.execute(() -> write(group, members));
            }
        }
        if (group.isIdle()) {
            groups.remove(group.kind);
        }
    }

    /** Drops those that nobody waits for any more: nothing of them was written. */
    private List<Member> waiting(List<Member> taken) {
        var members = new ArrayList<Member>(taken.size());
        for (Member member : taken) {
            if (member.call.isOver()) {
                room.release(member.room);
                member.place.completeExceptionally(
                        member.call.cancelled().getAsBoolean()
                                ? RpcFailure.of(Code.CANCELLED, "The client has cancelled the call.")
                                : CallContext.late());
            } else {
                members.add(member);
            }
        }
        return members;
    }

    private void write(ItemGroup group, List<Member> members) {
        try {
            Optional<JsonNode> batch = post(group.kind, members);
            for (int i = 0; i < members.size(); i++) {
                members.get(i).place.complete(place(batch, i));
            }
        } catch (RuntimeException failure) {
            members.forEach(member -> member.place.completeExceptionally(failure));
        } finally {
            writeEnded(group, members);
        }
    }

    private static Optional<Place> place(Optional<JsonNode> batch, int index) {
        return batch.map(object ->
                new Place(new ItemName(object.path("metadata").path("name").asText(), index), object));
    }

    /** Creates the batch; absent if the API server finds it invalid, so that each Task is tried alone and fails for itself only. */
    private Optional<JsonNode> post(Kind kind, List<Member> members) {
        var lines = new StringBuilder();
        members.forEach(member -> lines.append(member.item.line()));
        CallContext call = latest(members);
        for (int i = 0; i < MOST_NAMES; i++) {
            long number = ThreadLocalRandom.current().nextLong(ItemName.LEAST_NUMBER, ItemName.NUMBERS_END);
            ObjectNode object = BatchObjectWriter.write(
                    kind.namespace(),
                    kind.queue(),
                    ItemName.batch(kind.queue(), number),
                    UUID.randomUUID().toString(),
                    kind.template(),
                    lines.toString());
            switch (creation.create(call, ClusterPaths.batches(kind.namespace()), object, true)) {
                case ObjectCreation.Outcome.Created created -> {
                    meters.batch(members.size());
                    return Optional.of(created.object());
                }
                case ObjectCreation.Outcome.Refused refused -> {
                    if (INVALID.contains(refused.reply().code()) && !refused.unsure()) {
                        return Optional.empty();
                    }
                    throw ClusterFailures.of(refused.reply());
                }
                case ObjectCreation.Outcome.NameTaken _ -> {}
                case ObjectCreation.Outcome.Conflict _ -> throw CallAnswers.conflict();
            }
        }
        throw CallAnswers.conflict();
    }

    /** The write may take as long as any of its calls waits. */
    private static CallContext latest(List<Member> members) {
        CallContext latest = members.getFirst().call;
        for (Member member : members) {
            if (member.call.deadline() - latest.deadline() > 0) {
                latest = member.call;
            }
        }
        return latest;
    }
}
