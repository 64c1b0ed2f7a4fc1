/** Who a caller is: bearer tokens that the API server reviews, and the exchange that Google's libraries make before they send one. */
@NullMarked
package dev.taskqueue.gateway.auth;

import org.jspecify.annotations.NullMarked;
