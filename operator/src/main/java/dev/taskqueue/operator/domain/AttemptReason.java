package dev.taskqueue.operator.domain;

/** How one attempt ended: the closed list behind {@code status.lastAttempt.reason}. The names are the API's own. */
public enum AttemptReason {
    /** 2xx. */
    Delivered,
    /** 503. */
    Unavailable,
    /** 429. */
    TooManyRequests,
    /** 5xx other than 503. */
    ServerError,
    /** 4xx other than 429. */
    ClientError,
    /** 3xx; redirects are not followed. */
    Redirect,
    /** An answer that is not HTTP, or whose status is not between 200 and 599. */
    UnexpectedStatus,
    /** No answer within the dispatch deadline. */
    DeadlineExceeded,
    ConnectionRefused,
    /** The worker closed the connection before its answer was complete up to the end of the headers. */
    ConnectionClosed,
    /** There is no connection, for another reason than a refusal: no route, or no answer to the connect. */
    ConnectFailed,
    TLSFailed,
    /** The answer's headers are larger than 256 KiB. */
    ResponseTooLarge,
    /** The operator died while the attempt was in flight. Whether the worker saw it is unknown. */
    Interrupted;

    /** The reason that an answer's status code stands for. */
    public static AttemptReason ofStatus(int statusCode) {
        return switch (statusCode) {
            case 429 -> TooManyRequests;
            case 503 -> Unavailable;
            default ->
                switch (statusCode / 100) {
                    case 2 -> Delivered;
                    case 3 -> Redirect;
                    case 4 -> ClientError;
                    case 5 -> ServerError;
                    default -> UnexpectedStatus;
                };
        };
    }
}
