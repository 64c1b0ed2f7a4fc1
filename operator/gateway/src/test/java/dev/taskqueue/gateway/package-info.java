@NullMarked
package dev.taskqueue.gateway;

import org.jspecify.annotations.NullMarked;
