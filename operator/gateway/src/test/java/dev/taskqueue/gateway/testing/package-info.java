@NullMarked
package dev.taskqueue.gateway.testing;

import org.jspecify.annotations.NullMarked;
