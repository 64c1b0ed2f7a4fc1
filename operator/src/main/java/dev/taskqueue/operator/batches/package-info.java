/**
 * TaskBatches at work: each object has a {@link dev.taskqueue.operator.batches.BatchRecord}. The intake takes in what the watch reports and hands the items to
 * the engine, the journal notes outcomes, and the committer writes many of them at once. Dead letters, the Task of {@code onFinished}, retention and purges
 * follow from what was written.
 *
 * <p>What a batch says, and how its status is written, is in {@code batch}, which is pure.
 */
@NullMarked
package dev.taskqueue.operator.batches;

import org.jspecify.annotations.NullMarked;
