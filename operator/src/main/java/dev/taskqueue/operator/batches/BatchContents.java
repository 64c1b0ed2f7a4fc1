package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.batch.BatchObject;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.Item;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.ItemListReader;
import dev.taskqueue.operator.batch.ItemRequest;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.kube.ApiReply;
import dev.taskqueue.operator.kube.BatchRequests;
import dev.taskqueue.operator.kube.WriteAnswer;
import dev.taskqueue.operator.prepare.ItemContent;
import dev.taskqueue.operator.prepare.ItemContents;
import dev.taskqueue.operator.task.TaskJson;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Finds the content of an item. A batch whose items are not in memory any more is read once, by one thread. */
final class BatchContents implements ItemContents {
    private final BatchCache batches;
    private final BatchRequests api;
    private final ItemListCache lists;
    private final Duration maxScheduleAhead;
    private final Map<BatchId, ReentrantLock> reading = new ConcurrentHashMap<>();

    BatchContents(BatchCache batches, BatchRequests api, ItemListCache lists, Duration maxScheduleAhead) {
        this.batches = batches;
        this.api = api;
        this.lists = lists;
        this.maxScheduleAhead = maxScheduleAhead;
    }

    @Override
    public Lookup find(ItemId item) {
        BatchRecord record = batches.get(item.batch());
        if (record == null) {
            return new Lookup.Gone();
        }
        BatchObject batch;
        synchronized (record) {
            batch = record.object;
        }
        ItemList items;
        try {
            items = items(record.id);
        } catch (IOException unreadable) {
            return new Lookup.Unreadable(new Obstacle(
                    Obstacle.Reason.ApiServerUnavailable,
                    new Obstacle.Subject(Obstacle.Kind.ApiServer, record.id.namespace(), record.id.name()),
                    "The batch cannot be read: " + unreadable.getMessage() + "."));
        }
        return items == null ? new Lookup.Gone() : new Lookup.Found(content(batch, items, item.index()));
    }

    private static ItemContent content(BatchObject batch, ItemList items, int index) {
        Item item = items.item(index);
        HttpRequest template = batch.spec().request();
        return new ItemContent(
                batch.id(),
                batch.queue(),
                index,
                items.total(),
                Objects.requireNonNullElse(item.key(), batch.id().name() + "-" + index),
                ItemRequest.of(template, item),
                item.body(),
                item.isJson(),
                batch.spec().dispatchDeadline(),
                item.deadLetterOf());
    }

    /** The items of a batch; null if the batch does not exist any more. */
    @Nullable ItemList items(BatchId batch) throws IOException {
        ItemList known = lists.get(batch);
        if (known != null) {
            return known;
        }
        ReentrantLock lock = reading.computeIfAbsent(batch, _ -> new ReentrantLock());
        lock.lock();
        try {
            ItemList read = lists.get(batch);
            return read != null ? read : read(batch);
        } finally {
            lock.unlock();
            reading.remove(batch, lock);
        }
    }

    private @Nullable ItemList read(BatchId batch) throws IOException {
        ApiReply reply = api.get(batch);
        if (!reply.isSuccess()) {
            if (WriteAnswer.of(reply) instanceof WriteAnswer.NotFound) {
                return null;
            }
            throw new IOException(reply.refusal());
        }
        JsonNode json = TaskJson.tree(reply.body());
        if (!BatchReader.id(json).equals(batch)) {
            return null;
        }
        return switch (ItemListReader.read(BatchReader.read(json), json.path("spec"), maxScheduleAhead)) {
            case ItemList.Result.Read(ItemList items) -> {
                lists.put(batch, items);
                yield items;
            }
            // It was checked when it was first seen, and its spec never changes.
            case ItemList.Result.Invalid _ -> throw new IOException("its items have changed");
        };
    }
}
