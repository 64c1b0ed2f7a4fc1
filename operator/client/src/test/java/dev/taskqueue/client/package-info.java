@NullMarked
package dev.taskqueue.client;

import org.jspecify.annotations.NullMarked;
