/** Code that several test packages share: the real control plane, and the operators' rights according to its audit log. Nothing else here asserts. */
@NullMarked
package dev.taskqueue.operator.testing;

import org.jspecify.annotations.NullMarked;
