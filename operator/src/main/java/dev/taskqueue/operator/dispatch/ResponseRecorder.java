package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.ResponseSnippet;
import okhttp3.Headers;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the beginning of the body of a failed answer. It takes only bytes that are read anyway before the connection is used again, so it costs no
 * time. Used by one thread only.
 */
final class ResponseRecorder {
    /** Enough for the longest snippet in every charset, and for a secret that begins in it. */
    private static final int MAX_BYTES = RecordedSecrets.LONGEST;

    private final RecordedSecrets secrets;
    private final Buffer bytes = new Buffer();
    private @Nullable Headers headers;

    ResponseRecorder(RecordedSecrets secrets) {
        this.secrets = secrets;
    }

    /** Begins with the body of an answer that has these headers, if the answer failed. */
    void begin(Outcome answer, Headers answerHeaders) {
        bytes.clear();
        headers = answer instanceof Outcome.Answered && !answer.isSuccess() ? answerHeaders : null;
    }

    /** Takes a copy of what is in the buffer. */
    void take(Buffer piece) {
        long room = MAX_BYTES - bytes.size();
        if (headers != null && room > 0) {
            piece.copyTo(bytes, 0, Math.min(room, piece.size()));
        }
    }

    /** The answer, with what was recorded of it. */
    Outcome complete(Outcome answer) {
        if (headers == null || !(answer instanceof Outcome.Answered answered)) {
            return answer;
        }
        String text = ResponseText.decode(headers, bytes.readByteArray());
        String shown = text == null ? "" : ResponseText.escaped(secrets.hidden(text), ResponseSnippet.MAX_LENGTH);
        return shown.isEmpty() ? answered : answered.with(new ResponseSnippet(shown));
    }
}
