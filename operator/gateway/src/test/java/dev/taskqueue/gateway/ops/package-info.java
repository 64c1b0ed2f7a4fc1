@NullMarked
package dev.taskqueue.gateway.ops;

import org.jspecify.annotations.NullMarked;
