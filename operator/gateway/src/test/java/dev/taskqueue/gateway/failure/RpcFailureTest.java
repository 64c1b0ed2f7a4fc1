package dev.taskqueue.gateway.failure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an answer over gRPC has room for. */
class RpcFailureTest {
    /** What clients read of trailers, and what they need for others. */
    private static final int ROOM = 8 * 1024 - 512;

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u00e9", "\u20ac", "\ud83d\ude00", "%", "\n", "\""})
    void aFailureFitsIntoTheTrailersWhateverTheApiServerRepeats(String part) {
        String text = part.repeat(4_000);
        var failure = RpcFailure.invalid(text, Collections.nCopies(100, RpcFailure.violation(text, text)));
        assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(failure.sentence()).startsWith(part).endsWith("...");
        assertThat(SentenceRules.size(failure.sentence()) + failure.status().getSerializedSize() * 4 / 3)
                .isLessThan(ROOM);
        assertThat(failure.sentence().getBytes(UTF_8)).asString(UTF_8).isEqualTo(failure.sentence());
    }

    @Test
    void whatFitsIsWhole() {
        var failure = RpcFailure.invalid(
                "a is wrong", List.of(RpcFailure.violation("a", "is wrong"), RpcFailure.violation("b", "is, too")));
        assertThat(failure.sentence()).isEqualTo("a is wrong");
        assertThat(((BadRequest) failure.details().getFirst()).getFieldViolationsList())
                .hasSize(2);
    }
}
