@NullMarked
package dev.taskqueue.gateway.auth;

import org.jspecify.annotations.NullMarked;
