package dev.taskqueue.operator.api;

/** Bounds and rules of TaskBatch beside those of {@link Rules}. */
final class BatchRules {
    static final int MAX_ITEMS = 1000;

    static final int MAX_INDEX = MAX_ITEMS - 1;

    /** In characters. 500 single numbers, the worst that 1,000 indexes can make, take 1,945. */
    static final int MAX_RANGES = 4096;

    /** In characters; the operator notes what is longer than 256 by its hash. */
    static final int MAX_ACTION = 1024;

    static final String IMMUTABLE_MESSAGE =
            "the spec of a TaskBatch never changes; to send waiting items now set a new value of the annotation taskqueue.dev/run-now, to start "
                    + "failed items again set taskqueue.dev/redrive, to stop it set taskqueue.dev/cancel, for other requests create a TaskBatch "
                    + "with another name";

    static final String ONE_LIST = "[has(self.lines), has(self.items), has(self.count)].filter(set, set).size() == 1";

    static final String ONE_LIST_MESSAGE =
            "set exactly one of lines, items and count: JSON Lines, a list of at most 100, or a number of items that are all like the template";

    static final String EXPIRES_IN_ORDER_MESSAGE =
            "expireTime is before scheduleTime, so the items would never be sent; set a later expireTime or an earlier scheduleTime";

    private static final String TEMPLATE = "has(self.template) && has(self.template.httpRequest)";

    private static final String ITEMS = "has(self.items) && self.items.exists(item, ";

    /** Only what the batch itself says, as {@link Rules#BODY_METHOD}. */
    static final String ITEM_BODIES = "!(" + TEMPLATE + " && has(self.template.httpRequest.method)"
            + " && !(self.template.httpRequest.method in ['POST', 'PUT', 'PATCH'])"
            + " && " + ITEMS + "has(item.body) || has(item.bodyBase64)))";

    static final String ITEM_BODIES_MESSAGE =
            "GET, HEAD, DELETE and OPTIONS carry no body; use method POST, PUT or PATCH in template.httpRequest, or remove the bodies of the items";

    static final String ITEM_AUTHORIZATION = "!(" + TEMPLATE
            + " && has(self.template.httpRequest.serviceAccountToken) && " + ITEMS
            + "has(item.headers) && item.headers.exists(h, h.lowerAscii() == 'authorization')))";

    static final String ITEM_AUTHORIZATION_MESSAGE =
            "serviceAccountToken sends the Authorization header itself; remove Authorization from the headers of the items, or remove "
                    + "serviceAccountToken from template.httpRequest";

    static final String ITEM_SECRET_HEADERS = "!(" + TEMPLATE + " && has(self.template.httpRequest.secretHeaders) && "
            + ITEMS + "has(item.headers) && item.headers.exists(h, self.template.httpRequest.secretHeaders.exists("
            + "s, s.name.lowerAscii() == h.lowerAscii()))))";

    static final String ITEM_SECRET_HEADERS_MESSAGE =
            "a header of an item stands in secretHeaders of template.httpRequest, too (capitals do not matter); remove one";

    private BatchRules() {}
}
