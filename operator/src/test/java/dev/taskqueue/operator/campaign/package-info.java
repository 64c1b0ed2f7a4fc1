/**
 * A campaign of faults against real processes: two packaged operators, an API server and etcd. Tasks and faults come from seeded decks. Everything
 * that happens is collected as facts, and the oracle judges them at the end.
 */
@NullMarked
package dev.taskqueue.operator.campaign;

import org.jspecify.annotations.NullMarked;
