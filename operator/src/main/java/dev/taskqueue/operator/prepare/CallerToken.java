package dev.taskqueue.operator.prepare;

/**
 * The token that a request is sent with. Its text form does not show the token.
 *
 * @param account the ServiceAccount that the request is sent as
 */
record CallerToken(String account, String audience, String token) {
    @Override
    public String toString() {
        return "CallerToken[***]";
    }
}
