package dev.taskqueue.dev;

import dev.taskqueue.operator.TaskQueueOperator;
import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskQueue;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run of the dev mode. It starts everything in order, and stops it again. */
final class DevRun implements AutoCloseable {
    private static final long WATCH_MILLIS = 50;
    /** Tasks are created at last even if a queue has no status by then. */
    private static final Duration OPERATOR_SEES_QUEUES = Duration.ofSeconds(10);

    private final DevArguments arguments;
    private final Screen screen;
    private final TaskBoard board;
    private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private int created;

    DevRun(DevArguments arguments, Screen screen, TaskBoard board) {
        this.arguments = arguments;
        this.screen = screen;
        this.board = board;
    }

    /**
     * Starts everything and creates the objects of the manifests. Returns when every Task has ended, or when the run is stopped.
     *
     * @throws IllegalArgumentException with a sentence for the user, if a manifest is wrong or a port is taken
     */
    void run(DevApiServer api, List<Manifest> manifests) throws IOException, InterruptedException {
        screen.say("API server: " + api.kubectl() + " get tasks.taskqueue.dev");
        api.console().ifPresent(this::showConsole);
        KubernetesClient client = closing(
                new KubernetesClientBuilder().withConfig(api.clientConfig()).build());
        closing(new TaskQueueOperator(OperatorSettings.inProcess(), api.clientConfig()));
        watch(client);
        create(client, manifests);
        // After the manifests, so that it does not delay them.
        closing(DevGateway.open(arguments.gateway(), api.clientConfig()))
                .introduction()
                .forEach(screen::say);
        if (arguments.staysUp()) {
            screen.say("Stays up until Ctrl-C.");
        }
        while (!stopped.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
            if (!arguments.staysUp() && board.isDone(created)) {
                return;
            }
        }
    }

    private void showConsole(String url) {
        screen.say("Console: " + url);
        if (arguments.open()) {
            Browser.open(url).ifPresent(screen::say);
        }
    }

    /** Ends {@link #run}; called from another thread. */
    void stop() {
        stopped.countDown();
    }

    private void watch(KubernetesClient client) {
        closing(client.resources(TaskQueue.class).inAnyNamespace().inform(handler(board::seen, board::deleted)));
        closing(client.resources(Task.class).inAnyNamespace().inform(handler(board::seen, board::deleted)));
    }

    private static <T> ResourceEventHandler<T> handler(Consumer<T> seen, Consumer<T> deleted) {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                seen.accept(object);
            }

            @Override
            public void onUpdate(T before, T object) {
                seen.accept(object);
            }

            @Override
            public void onDelete(T object, boolean unknownState) {
                deleted.accept(object);
            }
        };
    }

    private void create(KubernetesClient client, List<Manifest> manifests) throws IOException, InterruptedException {
        var creator = new Creator(client);
        var serviceStubs = closing(new ServiceStubs(creator, screen::say));
        var worker = closing(new SampleWorker(() -> client.raw("/openid/v1/jwks"), InstantSource.system()));
        var forwards = new LinkedHashMap<>(arguments.forwards());
        var leftOut = new TreeSet<String>();
        boolean awaited = false;
        for (Manifest manifest : manifests) {
            if (manifest.isTask()) {
                if (!awaited) {
                    // Otherwise the operator may see a Task before its queue, and report that the queue does not exist.
                    new QueueReadiness(client).await(OPERATOR_SEES_QUEUES);
                    awaited = true;
                }
                createTask(creator, manifest);
            } else if (manifest.isService()) {
                URI forward = forwards.remove(manifest.name());
                URI target = forward == null ? worker.url() : forward;
                serviceStubs.add(manifest, () -> target);
                report(manifest.name(), forward);
            } else if (creator.create(manifest) == Creator.Result.LEFT_OUT) {
                leftOut.add(manifest.kind() + " " + manifest.name());
            }
        }
        forwards.forEach((name, url) -> {
            serviceStubs.add("default", name, ForwardingProxy.portOf(url), () -> url);
            report(name, url);
        });
        if (!leftOut.isEmpty()) {
            screen.say("Left out, because the dev mode has no use for it: " + String.join(", ", leftOut) + ".");
        }
    }

    private void report(String service, @Nullable URI forward) {
        screen.say(
                "Service " + service + " is answered by " + (forward == null ? "the sample worker." : forward + "."));
        if (forward != null && !ForwardingProxy.isListening(forward)) {
            screen.say(
                    "Nothing listens at " + forward
                            + " yet. If your handler does not start because its port is taken, let it listen on 127.0.0.1, or start it before the dev mode.");
        }
    }

    private void createTask(Creator creator, Manifest manifest) {
        if (arguments.leavesTasksOut()) {
            return;
        }
        boolean refused = creator.create(manifest) == Creator.Result.EXISTS;
        if (!refused) {
            created++;
            return;
        }
        boolean expected = manifest.expectation().isMetBy(Expectation.ALREADY_EXISTS, null);
        board.refused(manifest.name(), expected);
        screen.say("Task " + manifest.name() + " is refused a second time: AlreadyExists"
                + (expected ? ", as expected." : ", which was not expected."));
    }

    private <T extends AutoCloseable> T closing(T part) {
        toClose.push(part);
        return part;
    }

    @Override
    public void close() {
        while (!toClose.isEmpty()) {
            try {
                toClose.pop().close();
            } catch (Exception e) {
                screen.say("One part did not stop: " + e);
            }
        }
    }
}
