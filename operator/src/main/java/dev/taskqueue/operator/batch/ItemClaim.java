package dev.taskqueue.operator.batch;

import java.time.Instant;
import java.util.BitSet;

/**
 * Items whose attempts are in flight.
 *
 * @param indexes never changed
 * @param dispatchedAt when the first of the requests left
 * @param deadline until when the last of the handlers may answer
 * @param holder the process that sent them
 */
public record ItemClaim(BitSet indexes, Instant dispatchedAt, Instant deadline, String holder) {}
