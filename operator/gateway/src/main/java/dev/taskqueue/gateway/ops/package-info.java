/** What people look at from outside: numbers and health. It knows nothing else of the gateway. */
@NullMarked
package dev.taskqueue.gateway.ops;

import org.jspecify.annotations.NullMarked;
