package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Records every write, and acknowledges it unless the story says otherwise. */
final class TestingJournal implements Journal {
    /** The acknowledged writes, in order. */
    final List<Page> pages = new ArrayList<>();

    private final TestingBarriers barriers;
    private final Map<String, Receipt> receipts = new HashMap<>();
    private final Map<String, Runnable> happenings = new HashMap<>();
    int asked;

    record Page(TaskId task, Entry entry) {}

    TestingJournal(TestingBarriers barriers) {
        this.barriers = barriers;
    }

    /** Sets the receipt of every write of this Task. */
    void receipt(String task, Receipt receipt) {
        receipts.put(task, receipt);
    }

    /** Runs an action, once, when this Task's next write has arrived and the engine does not know that yet. */
    void beforeAcknowledging(String task, Runnable happens) {
        happenings.put(task, happens);
    }

    @Override
    public Receipt write(DeliveryId delivery, QueueId queue, Entry entry) {
        TaskId task = delivery.task();
        asked++;
        barriers.pass("write", task.name());
        Receipt receipt = receipts.getOrDefault(task.name(), new Receipt.Written());
        if (receipt instanceof Receipt.Written) {
            pages.add(new Page(task, entry));
            Runnable happens = happenings.remove(task.name());
            if (happens != null) {
                happens.run();
            }
        }
        return receipt;
    }

    List<Entry> of(String task) {
        return pages.stream()
                .filter(page -> page.task().name().equals(task))
                .map(Page::entry)
                .toList();
    }

    Entry last(String task) {
        return of(task).getLast();
    }
}
