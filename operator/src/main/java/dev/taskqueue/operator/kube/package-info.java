/**
 * Access to the API server: the requests that each Task needs, the reflector that lists and watches Tasks, and the meaning of the answers.
 * {@link dev.taskqueue.operator.kube.ObjectReflector} has its own thread; everything else runs on the threads of its callers. It may
 * import {@code task}, {@code limits}, {@code domain} and {@code api}.
 */
@NullMarked
package dev.taskqueue.operator.kube;

import org.jspecify.annotations.NullMarked;
