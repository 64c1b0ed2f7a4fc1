package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.task.TaskReader;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Records the events of a reflector: {@code seen NAME@VERSION in LIST}, {@code deleted NAME}, {@code listed LIST}. */
final class TestingSink implements ObjectReflector.Sink {
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @Override
    public void seen(JsonNode task, int listing) {
        told.add("seen " + TaskReader.id(task).name() + "@" + TaskReader.resourceVersion(task) + " in " + listing);
    }

    @Override
    public void deleted(JsonNode task) {
        told.add("deleted " + TaskReader.id(task).name());
    }

    @Override
    public void listed(String namespace, int listing) {
        told.add("listed " + listing);
    }

    /** The next event; waits for it. */
    String next() throws InterruptedException {
        String next = told.poll(30, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }

    boolean isQuiet() {
        return told.isEmpty();
    }
}
