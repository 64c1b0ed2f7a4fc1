/**
 * Judges a run of operators from outside: what the API server stored, what the workers received, and which processes lived when. It is written from the
 * contract and knows no class of the operator, so the simulation and the campaign with real processes use the same rules.
 */
@NullMarked
package dev.taskqueue.operator.oracle;

import org.jspecify.annotations.NullMarked;
