/**
 * Plants bugs in the operator, one at a time, and shows which test finds each. The bugs are patches in {@code src/test/planted}. {@code mvn -Pplanted verify}
 * runs them all; docs/reliability.md has the result.
 */
@NullMarked
package dev.taskqueue.operator.planted;

import org.jspecify.annotations.NullMarked;
