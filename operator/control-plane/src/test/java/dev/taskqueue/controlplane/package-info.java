@NullMarked
package dev.taskqueue.controlplane;

import org.jspecify.annotations.NullMarked;
