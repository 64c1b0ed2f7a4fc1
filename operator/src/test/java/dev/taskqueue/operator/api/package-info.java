/** Tests that the CRDs match the Java types, that the schema is complete, and what a real API server accepts, refuses and fills in. */
@NullMarked
package dev.taskqueue.operator.api;

import org.jspecify.annotations.NullMarked;
