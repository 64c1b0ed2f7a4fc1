/**
 * Tests that follow the pages: they run the commands of the pages in a shell against a real control plane, and create the manifests there. A
 * simulated node runs the Pods that some pages need.
 */
@NullMarked
package dev.taskqueue.operator.docs;

import org.jspecify.annotations.NullMarked;
