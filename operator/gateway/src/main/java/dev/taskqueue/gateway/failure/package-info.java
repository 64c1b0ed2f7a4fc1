/** The one exception that a call of the gateway ends with, as Google's clients read it. */
@NullMarked
package dev.taskqueue.gateway.failure;

import org.jspecify.annotations.NullMarked;
