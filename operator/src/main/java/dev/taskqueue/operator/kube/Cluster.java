package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.engine.Fence;
import java.time.InstantSource;

/**
 * What all that write to Tasks share.
 *
 * @param tasks every Task object that exists
 * @param slots bounds the writes in flight
 * @param fence asked before every write
 */
record Cluster(ApiServer api, Tasks tasks, WriteSlots slots, Fence fence, InstantSource wall) {}
