package dev.taskqueue.operator.engine;

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

    private final TestingDoors doors;
    private final Map<String, Receipt> receipts = new HashMap<>();
    int asked;

    record Page(TaskId task, Entry entry) {}

    TestingJournal(TestingDoors doors) {
        this.doors = doors;
    }

    /** What every write of this Task comes to. */
    void receipt(String task, Receipt receipt) {
        receipts.put(task, receipt);
    }

    @Override
    public Receipt write(TaskId task, QueueId queue, Entry entry) {
        asked++;
        doors.pass("write", task.name());
        Receipt receipt = receipts.getOrDefault(task.name(), Receipt.WRITTEN);
        if (receipt == Receipt.WRITTEN) {
            pages.add(new Page(task, entry));
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
