/**
 * A TaskBatch as it is written: reads its spec, its items and its status from JSON, checks them, keeps what has become of the items, and makes the JSON
 * of its status, of its dead letters and of the Task that reports its end. Everything here is pure: it makes no request and reads no clock. A {@link
 * dev.taskqueue.operator.batch.BatchProgress} changes, and its owner guards it; everything else is immutable. It may import {@code task}, {@code api},
 * {@code domain} and the values of {@code engine}.
 */
@NullMarked
package dev.taskqueue.operator.batch;

import org.jspecify.annotations.NullMarked;
