/**
 * For tests of producers and handlers: {@link dev.taskqueue.dev.junit.TaskQueueTest} gives each test its own API server and operator, in virtual time
 * by default. May import everything of this module and the operator's public classes. A test calls it on its own thread.
 */
@NullMarked
package dev.taskqueue.dev.junit;

import org.jspecify.annotations.NullMarked;
