/**
 * Cloud Tasks' messages and our objects, each made from the other. Everything here is pure: it reads no clock, no file and no cluster. Objects are
 * trees of JSON, so that the gateway needs no type of the operator.
 */
@NullMarked
package dev.taskqueue.gateway.mapping;

import org.jspecify.annotations.NullMarked;
