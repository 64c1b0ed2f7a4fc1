@NullMarked
package dev.taskqueue.gateway.cluster;

import org.jspecify.annotations.NullMarked;
