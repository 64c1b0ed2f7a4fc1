/** What each reason means and what to do about it, for the help page and the links "What to do". Pure. */

/** Reason to `[meaning, what to do]`. The page docs/troubleshooting.md has a section for each. */
export const REASONS = {
  Pending: ['No operator has written about it yet.', 'Is an operator running, does it lead, and does it watch this namespace? If it may not write, its log says 403.'],
  Queued: ['It is due and waits for its turn: a slot, the rate, or the requests that the operator may have open.', 'Look at its queue: are all slots busy, or is the rate used up? Raise maxConcurrentDispatches or maxDispatchesPerSecond, or make the handlers faster.'],
  QueuePaused: ['It is due, and its queue is paused by spec.state.', 'Resume the queue.'],
  QueueHeld: ['It is due, and its queue is held.', 'Release the hold, or wait until it ends.'],
  BackingOff: ['The last attempt failed. The next one is due at the time that is shown.', 'Look at the code and message of the attempt. To try at once: Run now.'],
  QueueNotFound: ['Its queue does not exist in this namespace.', 'Create the queue. If the name is misspelt, delete the Task and create it with the right one.'],
  TargetNotFound: ['The Service or its port does not exist, or none is named.', 'Create the Service or the port, or correct the queue’s httpTarget. A Task cannot change: create it again.'],
  TargetRefused: ['The operator never calls this target.', 'Name another Service. An administrator may allow addresses by allowedTargetCidrs.'],
  SourceNotFound: ['A Secret, ConfigMap or key that the request needs is missing, or not open to the operator.', 'Create it, or grant the operator the verb get on it (chart: secretAccess.allowed).'],
  TokenNotPermitted: ['The ServiceAccount does not exist, or the operator may not create its token.', 'Create it, or list it in the chart’s serviceAccountTokens.allowed.'],
  LimitExceeded: ['A value is above a limit of the operator or of requests.', 'Lower it, or have the operator’s setting raised; the message names it.'],
  NoReadyEndpoint: ['No Pod behind the Service is ready.', 'Start its Pods, or look why they are not ready: kubectl get pods, and the Service’s selector.'],
  RetriesExhausted: ['All attempts of the queue’s retry rules failed.', 'Repair the handler, then redrive the Task, or all failed Tasks of the queue.'],
  NonRetryable: ['The handler answered with a code that forbids another attempt.', 'Repair the handler and redrive, or create a Task with a right request.'],
  Expired: ['It was not delivered before its expireTime or the queue’s retention.unfinished.', 'Look at the last attempt, and whether the queue was paused, held or missing. Create it again if it is still wanted.'],
  ItemsFailed: ['Every item has ended, and some failed for good.', 'Repair the handler, then redrive the batch: only failed and skipped items are sent again.'],
  TooManyFailed: ['More items failed than maxFailed allows, so the rest was skipped.', 'Repair the handler, then redrive the batch.'],
  Cancelled: ['Somebody cancelled the batch; the message shows why.', 'To send the rest after all: redrive the batch.'],
  InvalidSpec: ['The spec can never be used.', 'On a Task: create another one as the message says. On a queue: edit the field that the message names; until then nothing is dispatched.'],
  AlreadyCompleted: ['It was restored or copied with a note that it ended before, so it is not sent.', 'To send it, create it without the annotation taskqueue.dev/completed.'],
  DeadLetterChain: ['The queue’s deadLetter names itself, or a queue that has a deadLetter too. Nothing is dispatched.', 'Remove one of the two.'],
  SpecPaused: ['The queue’s spec.state is Paused. Tasks are accepted and wait.', 'Resume the queue.'],
  Held: ['Somebody holds it by an annotation, which a deploy does not undo.', 'Release the hold, or wait until it ends.'],
  WriteRefused: ['The API server refuses to write the outcomes of Tasks. The operator keeps them and tries again.', 'Give the operator patch on tasks/status and taskbatches/status, or let the policy or webhook accept its writes.'],
  ApiServerUnavailable: ['The operator could not read what it needs.', 'The operator’s log says why. It tries again by itself.'],
  Overloaded: ['Many answers are 429, 503 or other 5xx, so the queue is slower than its rate.', 'Repair the workers or give them more capacity; the rate rises by itself.'],
  Failed: ['These Tasks failed for good and are kept for a while.', 'See what they have in common, repair the handler, then redrive them.'],
};

/** Whether there is something to read about the reason. */
export function isExplained(reason) {
  return Object.hasOwn(REASONS, reason);
}

/** What to do, in a sentence; empty for a reason of which nothing is known. */
export function remedy(reason) {
  return isExplained(reason) ? REASONS[reason][1] : '';
}

/** States as words for a chip. */
export const STATE_WORDS = {BackingOff: 'Backing off', Dispatching: 'In flight', New: 'Not seen yet'};

export function stateWord(state) {
  return STATE_WORDS[state] ?? state;
}
