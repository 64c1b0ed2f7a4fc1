@NullMarked
package dev.taskqueue.gateway.failure;

import org.jspecify.annotations.NullMarked;
