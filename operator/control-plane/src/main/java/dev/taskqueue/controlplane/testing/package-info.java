/**
 * Decides whether an integration test can run on this machine, and tells at the end of Maven's output which ones could not. Imports
 * {@code controlplane}, the JDK and JUnit's API, which whoever runs tests has. JUnit calls {@link PrerequisiteCondition}, from one thread.
 */
@NullMarked
package dev.taskqueue.controlplane.testing;

import org.jspecify.annotations.NullMarked;
