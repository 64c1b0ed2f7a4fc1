@NullMarked
package dev.taskqueue.gateway.wire;

import org.jspecify.annotations.NullMarked;
