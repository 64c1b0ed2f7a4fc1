@NullMarked
package dev.taskqueue.gateway.calls;

import org.jspecify.annotations.NullMarked;
