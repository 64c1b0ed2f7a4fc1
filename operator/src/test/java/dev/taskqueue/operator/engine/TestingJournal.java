package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps what was written, and acknowledges it unless a story has it otherwise. */
final class TestingJournal implements Journal {
    /** What was acknowledged, in order. */
    final List<Page> pages = new ArrayList<>();

    private final TestingBarriers doors;
    private final Map<String, Receipt> receipts = new HashMap<>();
    private final Map<String, Runnable> happenings = new HashMap<>();
    int asked;

    record Page(TaskId task, Entry entry) {}

    TestingJournal(TestingBarriers doors) {
        this.doors = doors;
    }

    /** What every write of this Task comes to. */
    void receipt(String task, Receipt receipt) {
        receipts.put(task, receipt);
    }

    /** What happens, once, when this Task's next write is in and the engine has not heard of it yet. */
    void beforeAcknowledging(String task, Runnable happens) {
        happenings.put(task, happens);
    }

    @Override
    public Receipt write(DeliveryId delivery, QueueId queue, Entry entry) {
        TaskId task = delivery.task();
        asked++;
        doors.pass("write", task.name());
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
