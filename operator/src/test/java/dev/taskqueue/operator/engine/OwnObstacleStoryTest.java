package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Kind;
import dev.taskqueue.operator.domain.Obstacle.Reason;
import dev.taskqueue.operator.domain.Obstacle.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A Task waits only for objects that it needs itself. Another Task that needs something else of the same object neither delays it nor writes its
 * message.
 */
class OwnObstacleStoryTest {
    private static final Subject SERVICE = Story.subject(Kind.Service, "web");
    private static final Subject SECRET = Story.subject(Kind.Secret, "key");

    private static final Obstacle NO_PORT =
            new Obstacle(Reason.TargetNotFound, SERVICE, "Service web has no port \"80\".");
    private static final Obstacle NOT_READY =
            new Obstacle(Reason.NoReadyEndpoint, SERVICE, "Service web has no ready endpoint at port http.");
    private static final Obstacle NOT_READY_ADMIN =
            new Obstacle(Reason.NoReadyEndpoint, SERVICE, "Service web has no ready endpoint at port admin.");
    private static final Obstacle NO_KEY =
            new Obstacle(Reason.SourceNotFound, SECRET, "Secret key has no key token: add the key.");

    private final Story story = new Story();
    private final List<String> good =
            IntStream.range(0, 50).mapToObj(i -> "good" + i).toList();

    @BeforeEach
    void applySettings() {
        story.applySettings(queue("mail").rate(500, 100));
    }

    @Test
    void aWrongPortHoldsBackNobodyWhoNamesARightOne() {
        waitWithATypo();
        good.forEach(name -> story.worker.finds(name, null));
        story.wake(SERVICE);
        story.at("20s");
        story.thenSent(good.toArray(String[]::new));
        assertThat(story.status("typo")).isEqualTo(new DeliveryStatus.Blocked(NO_PORT));
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Reason.TargetNotFound, 1));
    }

    @Test
    void theOtherOneMayBeDeletedAtAnyTime() {
        waitWithATypo();
        story.cancel("typo");
        good.forEach(name -> story.worker.finds(name, null));
        story.wake(SERVICE);
        story.soon();
        story.thenSent(good.toArray(String[]::new));
    }

    @Test
    void theOtherOneMayBeDeletedWhileItIsLookedAt() {
        waitWithATypo();
        good.forEach(name -> story.worker.finds(name, null));
        story.barriers.shut("prepare typo");
        story.wake(SERVICE);
        story.soon();
        story.cancel("typo");
        story.soon();
        story.thenSent(good.toArray(String[]::new));
    }

    private void waitWithATypo() {
        story.worker.finds("typo", NO_PORT);
        story.tasks("mail", "typo");
        story.at("10s");
        good.forEach(name -> {
            story.worker.finds(name, NOT_READY);
            story.tasks("mail", name);
        });
        story.at("15s");
        assertThat(story.status("typo")).isEqualTo(new DeliveryStatus.Blocked(NO_PORT));
        assertThat(good)
                .allSatisfy(name -> assertThat(story.status(name)).isEqualTo(new DeliveryStatus.Blocked(NOT_READY)));
        story.thenNothingSent();
    }

    @Test
    void ofTwoPortsOneGetsAnEndpoint() {
        story.worker.finds("toAdmin", NOT_READY_ADMIN);
        story.tasks("mail", "toAdmin");
        story.at("1s");
        for (String name : List.of("a", "b")) {
            story.worker.finds(name, NOT_READY);
            story.tasks("mail", name);
        }
        story.at("2s");
        story.worker.finds("a", null);
        story.worker.finds("b", null);
        story.wake(SERVICE);
        story.at("3s");
        story.thenSent("a", "b");
        assertThat(story.status("toAdmin")).isEqualTo(new DeliveryStatus.Blocked(NOT_READY_ADMIN));
    }

    @Test
    void aFlapOfTheServiceDoesNotKeepThoseThatWaitForAKey() {
        story.worker.finds("typo", NO_PORT);
        story.worker.finds("a", NO_KEY);
        story.worker.finds("b", NO_KEY);
        story.tasks("mail", "typo", "a", "b");
        story.at("10s");
        // The endpoint is away for a while, and a preparation that looks for the key finds this obstacle first.
        story.worker.finds("a", NOT_READY);
        story.worker.finds("b", NOT_READY);
        story.wake(SERVICE);
        story.at("2m");
        assertThat(story.status("a")).isEqualTo(new DeliveryStatus.Blocked(NOT_READY));
        story.worker.finds("a", NO_KEY);
        story.worker.finds("b", NO_KEY);
        story.wake(SERVICE);
        story.at("121s");
        assertThat(story.status("a")).isEqualTo(new DeliveryStatus.Blocked(NO_KEY));
        assertThat(story.status("b")).isEqualTo(new DeliveryStatus.Blocked(NO_KEY));
        story.worker.finds("a", null);
        story.worker.finds("b", null);
        story.at("152s");
        story.thenSent("a", "b");
    }

    @Test
    void eachShowsItsOwnObstacle() {
        Obstacle other = new Obstacle(Reason.TargetNotFound, SERVICE, "Service web has no port \"82\".");
        story.worker.finds("a", NO_PORT);
        story.worker.finds("b", other);
        story.tasks("mail", "a", "b");
        story.at("1s");
        assertThat(story.status("a")).isEqualTo(new DeliveryStatus.Blocked(NO_PORT));
        assertThat(story.status("b")).isEqualTo(new DeliveryStatus.Blocked(other));
    }

    @Test
    void oneWhoseOwnObjectCannotBeReadHoldsBackNobody() {
        Obstacle unread = new Obstacle(
                Reason.ApiServerUnavailable, Story.subject(Kind.ApiServer, ""), "The Task cannot be read: 500");
        for (String name : List.of("poison", "a", "b")) {
            story.worker.finds(name, unread);
        }
        story.tasks("mail", "poison", "a", "b");
        story.at("10s");
        story.worker.finds("a", null);
        story.worker.finds("b", null);
        story.at("1m");
        story.thenSent("a", "b");
        assertThat(story.status("poison")).isEqualTo(new DeliveryStatus.Blocked(unread));
    }

    @Test
    void aLookThatLastsHoldsBackNobodyWhoCanGo() {
        // There are few slots, and Tasks with odd obstacles that are due earlier are prepared all the time.
        story.applySettings(queue("mail").rate(500, 100).concurrent(1));
        for (int i = 0; i < 2000; i++) {
            story.worker.finds(
                    "odd" + i,
                    new Obstacle(Reason.SourceNotFound, Story.subject(Kind.Secret, "key" + i), "There is no key."));
        }
        story.barriers.takes("prepare *", name -> Duration.ofMillis(name.startsWith("odd") ? 100 : 1));
        story.crowd("mail", "odd", 2000);
        story.at("1m");
        good.forEach(name -> story.tasks("mail", name));
        story.at("61s");
        assertThat(story.sent()).containsExactlyElementsOf(good);
    }

    @Test
    void aLookThatIsExpiredIsFollowedByTheNext() {
        story.applySettings(queue("mail").paused());
        story.worker.finds("a", NOT_READY);
        story.worker.finds("b", NOT_READY);
        story.offer(TestingTask.task("a", "mail").expires("30s"));
        story.tasks("mail", "b");
        story.applySettings(queue("mail"));
        story.at("1s");
        story.barriers.shut("prepare a");
        story.wake(SERVICE);
        story.soon();
        story.worker.finds("b", null);
        story.engine.runNow(story.delivery("a"));
        story.at("40s");
        story.thenSent("b");
    }
}
