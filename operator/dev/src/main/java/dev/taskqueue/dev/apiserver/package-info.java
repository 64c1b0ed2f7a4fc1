/**
 * A Kubernetes API server inside the process, for the dev mode and for users' tests: {@link dev.taskqueue.dev.apiserver.EmbeddedApiServer} is its
 * one entrance. Knows nothing of the operator and imports nothing of it, so that what works here works by the API alone.
 *
 * <p>A request goes through {@link dev.taskqueue.dev.apiserver.Router} to {@link dev.taskqueue.dev.apiserver.Verbs},
 * {@link dev.taskqueue.dev.apiserver.Resources} decides and {@link dev.taskqueue.dev.apiserver.Admission} judges, the
 * {@link dev.taskqueue.dev.apiserver.Store} keeps the object and its {@link dev.taskqueue.dev.apiserver.EventLog} feeds the watches. Each request and each
 * watch has a virtual thread; the store's lock is held for a map entry at a time.
 *
 * <p>Why not Fabric8's mock server: its dispatcher answers with a finished response, so it cannot stream the plain HTTP watches that our
 * reflector and kubectl use; it looks each object up by a scan; it keeps no resourceVersions for lists and watches, merges patches in a way
 * of its own, and has neither defaults, schemas, tables nor discovery. All that is below its HTTP layer would have been replaced, and that layer is in the
 * JDK.
 */
@NullMarked
package dev.taskqueue.dev.apiserver;

import org.jspecify.annotations.NullMarked;
