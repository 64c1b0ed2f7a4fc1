/** What several test packages share: the real control plane. Nothing here asserts. */
@NullMarked
package dev.taskqueue.operator.testing;

import org.jspecify.annotations.NullMarked;
