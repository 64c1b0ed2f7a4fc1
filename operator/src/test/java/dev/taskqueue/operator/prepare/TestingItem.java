package dev.taskqueue.operator.prepare;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.testing.TestingTasks;
import org.jspecify.annotations.Nullable;

/**
 * Builds an item of the TaskBatch {@code shop/invoices}, which has 1,000.
 *
 * @param text of the request, as relaxed JSON
 * @param request read from the text
 */
record TestingItem(
        String text,
        HttpRequest request,
        int index,
        @Nullable String ownBody,
        boolean jsonBody,
        @Nullable String deadline,
        @Nullable DeadLetterOf origin) {
    static final BatchId BATCH = new BatchId("shop", "invoices", "uid-invoices");

    /** Item 7, which says nothing that the template does not say. */
    static TestingItem of(String template) {
        return new TestingItem(template, TestingTasks.read(template, HttpRequest.class), 7, null, false, null, null);
    }

    /** The template says this, too. */
    TestingItem with(String more) {
        TestingItem read = of(text.equals("{}") ? "{" + more + "}" : text.replaceFirst("}$", ", " + more + "}"));
        return read.and(index, ownBody, jsonBody);
    }

    /** The item says these things in place of the template. What it leaves alone are the same objects. */
    TestingItem laidOver(@Nullable String path, @Nullable HttpRequest withHeaders) {
        HttpRequest laid = request.with(
                path == null ? request.path() : path,
                withHeaders == null ? request.headers() : withHeaders.headers(),
                withHeaders == null ? request.secretHeaders() : withHeaders.secretHeaders());
        return new TestingItem(text, laid, index, ownBody, jsonBody, deadline, origin);
    }

    TestingItem at(int otherIndex) {
        return and(otherIndex, ownBody, jsonBody);
    }

    TestingItem body(String body) {
        return and(index, body, false);
    }

    TestingItem json(String body) {
        return and(index, body, true);
    }

    private TestingItem and(int otherIndex, @Nullable String otherBody, boolean isJson) {
        return new TestingItem(text, request, otherIndex, otherBody, isJson, deadline, origin);
    }

    TestingItem deadline(String dispatchDeadline) {
        return new TestingItem(text, request, index, ownBody, jsonBody, dispatchDeadline, origin);
    }

    TestingItem failed(DeadLetterOf deadLetterOf) {
        return new TestingItem(text, request, index, ownBody, jsonBody, deadline, deadLetterOf);
    }

    ItemId id() {
        return new ItemId(BATCH, index);
    }

    ItemContent content() {
        return content(BATCH);
    }

    ItemContent content(BatchId batch) {
        return new ItemContent(
                batch,
                TestingServices.ORDERS,
                index,
                1000,
                batch.name() + "-" + index,
                request,
                ownBody == null ? null : ownBody.getBytes(UTF_8),
                jsonBody,
                deadline,
                origin);
    }
}
