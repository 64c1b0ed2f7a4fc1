package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.dispatch.DeliveryHeaders;
import dev.taskqueue.operator.dispatch.HttpDispatcher;
import dev.taskqueue.operator.targets.TargetResolver;
import dev.taskqueue.operator.targets.TokenRequester;

/** What a request needs from outside the Task: who resolves targets, who requests tokens, who sends, who adds the operator's headers. */
public record DispatchServices(
        TargetResolver targets, TokenRequester tokens, HttpDispatcher http, DeliveryHeaders headers) {}
