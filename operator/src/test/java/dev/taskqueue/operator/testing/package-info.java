/**
 * What several test packages share: the real control plane, and what its audit log says of the operators' rights. Nothing else here asserts.
 */
@NullMarked
package dev.taskqueue.operator.testing;

import org.jspecify.annotations.NullMarked;
