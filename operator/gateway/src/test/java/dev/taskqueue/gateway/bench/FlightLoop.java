package dev.taskqueue.gateway.bench;

import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksStub;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.Task;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Keeps a number of calls in flight over several connections, without a thread for each, and counts those that were acknowledged. */
final class FlightLoop {
    private final long end;
    private final CreateTaskRequest request;
    private final AtomicLong created = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch open;

    private FlightLoop(int inFlight, long end, CreateTaskRequest request) {
        this.end = end;
        this.request = request;
        this.open = new CountDownLatch(inFlight);
    }

    /**
     * What came of it.
     *
     * @param count the Tasks that were acknowledged
     */
    record Result(long count, double perSecond) {}

    /** Creates Tasks for a while; it throws if a call fails. */
    static Result run(int inFlight, Duration time, List<CloudTasksStub> connections, CreateTaskRequest request)
            throws InterruptedException {
        long began = System.nanoTime();
        var loop = new FlightLoop(inFlight, began + time.toNanos(), request);
        IntStream.range(0, inFlight).forEach(i -> loop.next(connections.get(i % connections.size())));
        loop.open.await();
        Throwable failed = loop.failure.get();
        if (failed != null) {
            throw new IllegalStateException("a call failed", failed);
        }
        return new Result(loop.created.get(), loop.created.get() * 1e9 / (System.nanoTime() - began));
    }

    private void next(CloudTasksStub connection) {
        if (System.nanoTime() >= end || failure.get() != null) {
            open.countDown();
            return;
        }
        connection.createTask(request, new StreamObserver<>() {
            @Override
            public void onNext(Task task) {
                created.incrementAndGet();
            }

            @Override
            public void onError(Throwable error) {
                failure.compareAndSet(null, error);
                open.countDown();
            }

            @Override
            public void onCompleted() {
                next(connection);
            }
        });
    }
}
