package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.engine.Fence;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.time.InstantSource;
import java.util.Objects;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the progress of one request. It takes the answer as soon as its headers are there, so that no rule of OkHttp changes it later. Used by one
 * thread only.
 */
final class CallProgress extends EventListener {
    /** The steps of a request, in order. */
    enum Step {
        Connecting,
        Securing,
        /** Bytes of the request may have left. */
        Sent,
        /** The whole request has left. */
        AwaitingAnswer
    }

    private final OutboundRequest request;
    private final InstantSource clock;
    private final Fence fence;
    private final @Nullable ResponseRecorder recorder;
    private Step step = Step.Connecting;
    private boolean dialed;
    private boolean answerTooLarge;
    private @Nullable String heldBack;
    private @Nullable Outcome answer;

    CallProgress(OutboundRequest request, InstantSource clock, Fence fence) {
        this.request = request;
        this.recorder = request.recorded() == null ? null : new ResponseRecorder(request.recorded());
        this.clock = clock;
        this.fence = fence;
    }

    static CallProgress of(Call call) {
        return Objects.requireNonNull(call.request().tag(CallProgress.class));
    }

    OutboundRequest.Target target() {
        return request.target();
    }

    Step step() {
        return step;
    }

    /** Whether the connection was opened for this request, and not taken from the pool. */
    boolean isDialed() {
        return dialed;
    }

    boolean isAnswerTooLarge() {
        return answerTooLarge;
    }

    @Nullable Outcome answer() {
        return answer == null || recorder == null ? answer : recorder.complete(answer);
    }

    /** Sees a piece of the body of the answer before it is dropped. */
    void body(Buffer piece) {
        if (recorder != null) {
            recorder.take(piece);
        }
    }

    /**
     * Whether the fence is open. It is asked when the connection is open and nothing has left: a process that was frozen while it dialed may have
     * lost the Lease.
     */
    boolean mayLeave() {
        return fence.isOpen();
    }

    /** Whether its time has ended: without a network, it may wait for its connection for seconds. */
    boolean isExpired() {
        return request.isExpired(clock.instant());
    }

    /** Nothing is sent over this connection. OkHttp may use another one. */
    void holdBack(String why) {
        heldBack = why;
    }

    /** The reason why nothing was sent over an open connection; null if something was sent, or there was no connection. */
    @Nullable String heldBack() {
        return heldBack;
    }

    void reach(Step reached) {
        step = reached;
        heldBack = null;
    }

    void answerTooLarge() {
        answerTooLarge = true;
    }

    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
        dialed = true;
        heldBack = null;
    }

    @Override
    public void secureConnectStart(Call call) {
        reach(Step.Securing);
    }

    @Override
    public void requestHeadersEnd(Call call, Request request) {
        if (request.body() == null) {
            step = Step.AwaitingAnswer;
        }
    }

    @Override
    public void requestBodyEnd(Call call, long byteCount) {
        step = Step.AwaitingAnswer;
    }

    /**
     * The worker closed the connection in the middle of the answer's body. A crash behind a framework that streams looks like this, so a success that
     * was announced at the beginning has not come about. Any other code says more than the broken body.
     */
    void bodyBroke(Outcome.Unanswered failure) {
        if (answer != null && answer.isSuccess()) {
            answer = failure;
        }
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
        answer = ResponseReader.read(response.code(), response.headers(), clock.instant());
        if (recorder != null) {
            recorder.begin(answer, response.headers());
        }
    }
}
