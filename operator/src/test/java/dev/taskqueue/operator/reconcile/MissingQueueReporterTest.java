package dev.taskqueue.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.testing.TestingEngine;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class MissingQueueReporterTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final QueueId ORDER = new QueueId("shop", "order");
    private static final QueueProfile PROFILE = QueueProfile.read(
            new TaskQueueSpec(null, null, null, null, null, null, null, null, null, null, null), true);

    private final Logger logger = (Logger) LoggerFactory.getLogger(MissingQueueReporter.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private boolean leads = true;
    private final Engine engine = TestingEngine.silent(() -> NOW, () -> leads);
    private final QueueProfiles queues = new QueueProfiles();
    private final MissingQueueReporter reporter = new MissingQueueReporter(engine, queues, () -> leads);

    @BeforeEach
    void listen() {
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        create(ORDERS);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    @Test
    void aMissingQueueIsLoggedOnceAndOnceMoreWhenItExists() {
        offer("a", ORDER);
        offer("b", ORDER);
        for (int i = 0; i < 5; i++) {
            reporter.check();
        }
        assertThat(lines())
                .containsExactly(
                        "TaskQueue shop/order does not exist, and 2 Tasks wait for it: create it, or delete the"
                                + " Tasks and create them with another queueRef (did you mean orders?)");
        create(ORDER);
        reporter.check();
        reporter.check();
        assertThat(lines()).hasSize(2).last().isEqualTo("TaskQueue shop/order exists now, and its Tasks are sent");
    }

    @Test
    void itIsOverAlsoWhenNoTaskNamesIt() {
        Delivery only = offer("a", new QueueId("shop", "quite-another"));
        reporter.check();
        reporter.check();
        assertThat(lines().getFirst()).contains("1 Task waits").doesNotContain("did you mean");
        engine.cancel(only);
        reporter.check();
        assertThat(lines().getLast())
                .isEqualTo("No Task names TaskQueue shop/quite-another any more, which does not exist");
    }

    @Test
    void aQueueThatComesRightAfterItsTasksIsNotLogged() {
        offer("a", ORDER);
        reporter.check();
        create(ORDER);
        reporter.check();
        assertThat(lines()).isEmpty();
    }

    @Test
    void aStandbyLogsNothing() {
        offer("a", ORDER);
        leads = false;
        reporter.check();
        reporter.check();
        assertThat(lines()).isEmpty();
    }

    @Test
    void manyMissingQueuesAreLoggedUpToABound() {
        for (int i = 0; i < 3 * MissingQueueReporter.MAX_NAMED; i++) {
            offer("a" + i, new QueueId("shop", "typo-" + i));
        }
        reporter.check();
        reporter.check();
        reporter.check();
        assertThat(lines())
                .hasSize(MissingQueueReporter.MAX_NAMED + 1)
                .filteredOn(line -> line.startsWith("More than 50 TaskQueues do not exist"))
                .hasSize(1);
    }

    private void create(QueueId queue) {
        queues.put(queue, PROFILE);
        engine.applySettings(queue, PROFILE.settings(), true);
    }

    private Delivery offer(String name, QueueId queue) {
        var id = new DeliveryId(new TaskId("shop", name, "uid-" + name), 1);
        return engine.offer(new Offer(id, queue, NOW, NOW, NOW, null, AttemptHistory.NONE, null, null, null));
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
