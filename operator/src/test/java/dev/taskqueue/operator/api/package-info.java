/** The CRDs are what the Java types say, and the schema is complete; on a real API server, what it accepts, refuses and fills in. */
@NullMarked
package dev.taskqueue.operator.api;

import org.jspecify.annotations.NullMarked;
