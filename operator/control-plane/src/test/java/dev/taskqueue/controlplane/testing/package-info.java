@NullMarked
package dev.taskqueue.controlplane.testing;

import org.jspecify.annotations.NullMarked;
