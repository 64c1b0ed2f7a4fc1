/**
 * The Cloud Tasks gateway. {@link Main} is the command, {@link GatewayServer} the entrance for other programs, such as the dev mode.
 */
@NullMarked
package dev.taskqueue.gateway;

import org.jspecify.annotations.NullMarked;
