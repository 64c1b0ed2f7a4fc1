package dev.taskqueue.gateway.testing;

import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.cluster.ClusterRequest;
import dev.taskqueue.gateway.cluster.ClusterTransport;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A transport that holds each create of a TaskBatch until a test lets it go. All else passes. */
public final class HeldBatches implements ClusterTransport {
    private final ClusterTransport cluster;
    private final Semaphore arrived = new Semaphore(0);
    private final Semaphore allowed = new Semaphore(0);
    private volatile @Nullable ClusterReply refusal;

    public HeldBatches(ClusterTransport cluster) {
        this.cluster = cluster;
    }

    /** Waits until one more create is here. */
    public void awaitOne() {
        take(arrived);
    }

    /** Lets so many creates pass, those that are here and those to come. */
    public void let(int creates) {
        allowed.release(creates);
    }

    /** Answers creates from now on with this instead of passing them. */
    public void refuse(ClusterReply reply) {
        refusal = reply;
    }

    private static void take(Semaphore from) {
        try {
            if (!from.tryAcquire(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("nothing came");
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopping);
        }
    }

    @Override
    public ClusterReply send(ClusterRequest request) throws IOException {
        boolean isCreate = request.method().equals("POST")
                && request.path().split("\\?", 2)[0].endsWith("/taskbatches");
        if (!isCreate) {
            return cluster.send(request);
        }
        arrived.release();
        take(allowed);
        ClusterReply instead = refusal;
        return instead == null ? cluster.send(request) : instead;
    }

    @Override
    public Watch watch(String path) throws IOException {
        return cluster.watch(path);
    }
}
