package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.dispatch.DeliveryHeaders;
import dev.taskqueue.operator.dispatch.RequestSender;
import dev.taskqueue.operator.targets.TargetResolver;
import dev.taskqueue.operator.targets.TokenRequester;

/**
 * The services that prepare and send a request.
 *
 * @param targets resolves the Service
 * @param tokens requests the token
 * @param http sends the request
 * @param headers adds the operator's own headers
 */
public record DispatchServices(
        TargetResolver targets, TokenRequester tokens, RequestSender http, DeliveryHeaders headers) {}
