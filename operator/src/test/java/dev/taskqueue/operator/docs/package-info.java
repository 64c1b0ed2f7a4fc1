/**
 * Tests that do what the pages say: their commands run in a shell against a real control plane, their manifests are created there. A node is
 * played where Pods have to run.
 */
@NullMarked
package dev.taskqueue.operator.docs;

import org.jspecify.annotations.NullMarked;
