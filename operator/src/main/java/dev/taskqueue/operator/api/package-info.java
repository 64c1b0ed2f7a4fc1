/**
 * The custom resources TaskQueue, Task and TaskBatch, version v1beta1, as Java sees them: one record for each object of the API, its components named as
 * the JSON fields are, null where a field is unset. The annotations say everything that the CRDs in {@code crds/} say, which are generated from
 * here; there is no logic. Durations are written as {@code 1h30m}, times as RFC 3339, both unparsed. May import annotations and the model of
 * Kubernetes only; everybody may read it, on any thread.
 */
@NullMarked
package dev.taskqueue.operator.api;

import org.jspecify.annotations.NullMarked;
