package dev.taskqueue.gateway.failure;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Help;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import java.util.List;
import java.util.Objects;

/** How a call fails: Google's code, a sentence for people and details for programs. It has no stack trace, because it is an answer and no fault. */
public final class RpcFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String DOMAIN = "taskqueue.dev";
    private static final String NAMES = "https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2";

    private final Code code;
    private final transient List<Message> details;

    private RpcFailure(Code code, String message, Message... details) {
        super(SentenceRules.cut(message, SentenceRules.LONGEST), null, false, false);
        this.code = code;
        this.details = List.of(details);
    }

    /** A failure without details. */
    public static RpcFailure of(Code code, String message) {
        return new RpcFailure(code, message);
    }

    /** A value that is not allowed; {@code field} in the spelling of the proto file. */
    public static RpcFailure invalid(String field, String message) {
        return invalid(message, List.of(violation(field, message)));
    }

    /** Several values that are not allowed; the details have as many of them as an answer has room for. */
    public static RpcFailure invalid(String message, List<FieldViolation> violations) {
        BadRequest.Builder details = BadRequest.newBuilder();
        int size = 0;
        for (FieldViolation violation : violations) {
            size += SentenceRules.size(violation.getField()) + SentenceRules.size(violation.getDescription());
            if (size <= SentenceRules.LONGEST || details.getFieldViolationsCount() == 0) {
                details.addFieldViolations(violation);
            }
        }
        return new RpcFailure(Code.INVALID_ARGUMENT, message, details.build());
    }

    /** One line of {@link #invalid(String, List)}. */
    public static FieldViolation violation(String field, String message) {
        return FieldViolation.newBuilder()
                .setField(SentenceRules.cut(field, SentenceRules.LONGEST_FIELD))
                .setDescription(SentenceRules.cut(message, SentenceRules.LONGEST))
                .build();
    }

    /** A name that is not formed as it must be. */
    public static RpcFailure invalidName(String message) {
        return new RpcFailure(
                Code.INVALID_ARGUMENT,
                message,
                Help.newBuilder()
                        .addLinks(Help.Link.newBuilder()
                                .setDescription("Names of queues and tasks")
                                .setUrl(NAMES))
                        .build());
    }

    /** The caller may not do this. */
    public static RpcFailure denied(String message, String reason) {
        return new RpcFailure(
                Code.PERMISSION_DENIED,
                message,
                ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(reason).build());
    }

    /** Too much at a time; the caller may come again after the pause. */
    public static RpcFailure exhausted(String message, long pauseSeconds) {
        return new RpcFailure(
                Code.RESOURCE_EXHAUSTED,
                message,
                RetryInfo.newBuilder()
                        .setRetryDelay(Durations.fromSeconds(pauseSeconds))
                        .build());
    }

    /** A quota of the namespace is used up; coming again helps only when something has gone. */
    public static RpcFailure quota(String message) {
        return new RpcFailure(
                Code.RESOURCE_EXHAUSTED,
                message,
                ErrorInfo.newBuilder()
                        .setDomain(DOMAIN)
                        .setReason("QUOTA_EXCEEDED")
                        .build());
    }

    public Code code() {
        return code;
    }

    /** The sentence; never null, unlike {@link #getMessage} of other exceptions. */
    public String sentence() {
        return Objects.requireNonNull(getMessage());
    }

    public List<Message> details() {
        return details;
    }

    /** The form in which gRPC carries it. */
    public Status status() {
        Status.Builder status = Status.newBuilder().setCode(code.getNumber()).setMessage(sentence());
        details.forEach(detail -> status.addDetails(Any.pack(detail)));
        return status.build();
    }
}
