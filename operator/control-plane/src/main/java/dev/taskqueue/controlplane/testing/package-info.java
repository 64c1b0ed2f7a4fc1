/**
 * Decides whether an integration test can run on this machine, and lists at the end of Maven's output the tests that could not run. Imports
 * {@code controlplane}, the JDK and JUnit's API, which every module with tests has. JUnit calls {@link PrerequisiteCondition} from one thread.
 */
@NullMarked
package dev.taskqueue.controlplane.testing;

import org.jspecify.annotations.NullMarked;
