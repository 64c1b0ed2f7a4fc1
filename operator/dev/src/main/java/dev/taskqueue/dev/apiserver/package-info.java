/**
 * A Kubernetes API server inside the process, for the dev mode and for users' tests. Other packages use
 * {@link dev.taskqueue.dev.apiserver.EmbeddedApiServer} only. It knows nothing of the operator and imports nothing of it, so whatever works here
 * works through the API alone.
 *
 * <p>A request goes through {@link dev.taskqueue.dev.apiserver.Router} to {@link dev.taskqueue.dev.apiserver.Verbs}.
 * {@link dev.taskqueue.dev.apiserver.Resources} carries it out and {@link dev.taskqueue.dev.apiserver.Admission} checks the object. The
 * {@link dev.taskqueue.dev.apiserver.Store} keeps the object, and its {@link dev.taskqueue.dev.apiserver.EventLog} supplies the watches. Each request
 * and each watch has a virtual thread. The store's lock is held only for the access to one map entry.
 *
 * <p>Fabric8's mock server is not enough: its dispatcher answers with a finished response, so it cannot stream the plain HTTP watches that our
 * reflector and kubectl use. It scans all objects to find one. It keeps no resourceVersions for lists and watches, and merges patches in its own way.
 * It has no defaults, schemas, tables or discovery. We would have to replace everything below its HTTP layer, and the JDK has that layer.
 */
@NullMarked
package dev.taskqueue.dev.apiserver;

import org.jspecify.annotations.NullMarked;
