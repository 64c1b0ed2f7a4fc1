package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.mapping.ItemDraft;
import dev.taskqueue.gateway.mapping.ItemName;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The calls of one kind that wait for a write, and how many writes of it are in flight. Its owner guards it. */
final class ItemGroup {
    private static final int MOST_ITEMS = 1_000;
    /** Of the field {@code lines}. */
    private static final int MOST_CHARACTERS = 786_432;
    /** The operator accepts 1,400,000 bytes of a whole object; template and annotations take a few thousand. */
    private static final int MOST_STORED = 1_300_000;

    /**
     * What calls must have in common to be in one batch. What one caller sends is never in a batch of another: each batch is created as its caller.
     *
     * @param queue the name of the TaskQueue
     */
    record Kind(Caller caller, String namespace, String queue, ItemDraft.Template template) {}

    /** Where a Task has become an item, and the object that has it. */
    record Place(ItemName name, JsonNode batch) {}

    /** A call that waits. */
    static final class Member {
        final CallContext call;
        final ItemDraft item;
        /** What it holds of the bound for all groups. */
        final int room;
        /** An empty place: the Task must be created alone. */
        final CompletableFuture<Optional<Place>> place = new CompletableFuture<>();

        Member(CallContext call, ItemDraft item, int room) {
            this.call = call;
            this.item = item;
            this.room = room;
        }
    }

    final Kind kind;
    private final Set<Member> waiting = new LinkedHashSet<>();
    private int characters;
    private int stored;
    private int writes;

    ItemGroup(Kind kind) {
        this.kind = kind;
    }

    void add(Member member) {
        waiting.add(member);
        characters += member.item.line().length();
        stored += member.item.storedBytes();
    }

    /** Takes out a call; false if it does not wait any more. */
    boolean remove(Member member) {
        boolean waited = waiting.remove(member);
        if (waited) {
            forget(member);
        }
        return waited;
    }

    private void forget(Member member) {
        characters -= member.item.line().length();
        stored -= member.item.storedBytes();
    }

    int size() {
        return waiting.size();
    }

    /** How many wait whose clients wait for them, too. */
    long awaited() {
        return waiting.stream().filter(member -> !member.call.isOver()).count();
    }

    boolean isIdle() {
        return waiting.isEmpty() && writes == 0;
    }

    /** Whether a write may begin: one at a time gathers the most, and a full batch gathers nothing further. */
    boolean isDue(int mostWrites) {
        return !waiting.isEmpty() && (writes == 0 || (writes < mostWrites && isFull()));
    }

    private boolean isFull() {
        return waiting.size() >= MOST_ITEMS || characters >= MOST_CHARACTERS || stored >= MOST_STORED;
    }

    /** Takes the calls for one batch, those that came first. */
    List<Member> take() {
        var taken = new ArrayList<Member>();
        int takenCharacters = 0;
        int takenStored = 0;
        for (Iterator<Member> members = waiting.iterator(); members.hasNext() && taken.size() < MOST_ITEMS; ) {
            Member member = members.next();
            takenCharacters += member.item.line().length();
            takenStored += member.item.storedBytes();
            if (!taken.isEmpty() && (takenCharacters > MOST_CHARACTERS || takenStored > MOST_STORED)) {
                break;
            }
            members.remove();
            forget(member);
            taken.add(member);
        }
        return taken;
    }

    void writeBegins() {
        writes++;
    }

    void writeEnds() {
        writes--;
    }
}
