/**
 * Creates Tasks and TaskBatches from Java. {@link TaskQueueClient} is the entrance, {@link NewTask} and {@link BatchBuilder} say what to create,
 * {@link Creation} what came of it. It
 * stands on the caller's Fabric8 client and imports nothing else of ours: a producer's build gets no part of the operator. Everything is
 * called on the caller's threads and is safe for use by several, but for a {@link NewTask.Builder} and a {@link
 * BatchBuilder}.
 */
@NullMarked
package dev.taskqueue.client;

import org.jspecify.annotations.NullMarked;
