package dev.taskqueue.operator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.QueueProfile;
import org.junit.jupiter.api.Test;

class QueueProfilesTest {
    private static final QueueProfile PROFILE = QueueProfile.read(
            new TaskQueueSpec(null, null, null, null, null, null, null, null, null, null, null), false);
    private static final QueueId ORDER = new QueueId("shop", "order");

    private final QueueProfiles queues = new QueueProfiles();

    @Test
    void aMissingQueueIsSaidWithTheNameThatWasProbablyMeant() {
        assertThat(message()).isEqualTo("TaskQueue shop/order does not exist: create it, and sending begins.");
        queues.put(new QueueId("other", "orders"), PROFILE);
        queues.put(new QueueId("shop", "mails"), PROFILE);
        assertThat(message()).doesNotContain("Did you mean");
        queues.put(new QueueId("shop", "orders"), PROFILE);
        assertThat(message())
                .isEqualTo("TaskQueue shop/order does not exist: create it, and sending begins. Did you mean orders?");
        queues.remove(new QueueId("shop", "orders"));
        assertThat(message()).doesNotContain("Did you mean");
    }

    private String message() {
        return queues.missing(ORDER, Obstacle.noQueue(ORDER)).message();
    }
}
