@NullMarked
package dev.taskqueue.gateway.mapping;

import org.jspecify.annotations.NullMarked;
