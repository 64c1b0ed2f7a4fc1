/**
 * Spans of attempts, by OpenTelemetry. Without the setting for it no class of this package and of the library is loaded.
 */
@NullMarked
package dev.taskqueue.operator.traces;

import org.jspecify.annotations.NullMarked;
