/** What happened to a Task, in the order of time. Pure. */

import {condition} from './concerns.js';
import {localTimes, plural, time, withoutSection} from './format.js';
import {readDuration, words} from './span.js';

const DEFAULT_KEPT = {succeeded: '1h', failed: '168h'};
const LATE = 1_000;

/**
 * Entries with `at` (milliseconds or null), `kind`, `title`, `text`, and perhaps `code`, `note` and `tone`.
 *
 * @param queue the Task's queue, or null if it is not known
 */
export function story(task, queue, now) {
  const status = task.status ?? {};
  const entries = [created(task)];
  const attempts = kept(status);
  const first = attempts[0]?.number ?? 1;
  if (first > 1) {
    entries.push({at: null, kind: 'gap', title: '', text: `${plural(first - 1, 'earlier attempt')} no longer kept`});
  }
  let before = null;
  for (const attempt of attempts) {
    if (before !== null) {
      entries.push(...between(before, attempt, status.round));
    }
    entries.push(told(attempt));
    before = attempt;
  }
  entries.push(...redriven(status, before));
  entries.push(...present(task, before, now));
  const gone = collected(task, queue);
  if (gone !== null) {
    entries.push(gone);
  }
  return entries;
}

function created(task) {
  const at = time(task.metadata?.creationTimestamp);
  const due = dueAt(task);
  const late = due !== null && at !== null && due - at > LATE;
  return {at, kind: 'created', title: 'Created', text: late ? `due ${words(due - at)} later` : 'due at once'};
}

/** When the Task is first due by its spec. */
export function dueAt(task) {
  const created_ = time(task.metadata?.creationTimestamp);
  const delay = readDuration(task.spec?.delay);
  return time(task.spec?.scheduleTime) ?? (delay === null || created_ === null ? created_ : created_ + delay);
}

function kept(status) {
  const ring = status.attempts ?? [];
  const last = status.lastAttempt;
  return ring.length > 0 || !last ? ring : [last];
}

function told(attempt) {
  const left = time(attempt.dispatchTime);
  const answered = time(attempt.responseTime);
  const due = time(attempt.scheduleTime);
  const notes = [];
  if (left !== null && answered !== null) {
    notes.push(`Took ${words(answered - left)}.`);
  }
  if (left !== null && due !== null && left - due > LATE) {
    notes.push(`Left ${words(left - due)} after it was due.`);
  }
  const delivered = attempt.reason === 'Delivered';
  return {
    at: left,
    kind: 'attempt',
    title: `Attempt ${attempt.number}`,
    code: attempt.statusCode ?? null,
    text: withoutSection(attempt.message) || attempt.reason || '',
    reason: attempt.reason,
    snippet: attempt.responseSnippet ?? null,
    note: notes.join(' '),
    tone: delivered ? 'good' : 'bad',
  };
}

function between(before, attempt, round) {
  const ended = time(before.responseTime) ?? time(before.dispatchTime);
  const left = time(attempt.dispatchTime);
  const started = time(round?.startTime);
  if (started !== null && ended !== null && left !== null && started >= ended && started <= left) {
    return [{at: started, kind: 'redriven', title: 'Redriven', text: `round ${round.number} begins`}];
  }
  // What came after its due time was no backoff: the attempt tells it as its lateness.
  const until = time(attempt.scheduleTime) ?? left;
  return ended === null || until === null || until < ended ? [] : [{at: null, kind: 'gap', title: '', text: `backed off ${words(until - ended)}`}];
}

/** A redrive after which no attempt has ended yet. */
function redriven(status, before) {
  const started = time(status.round?.startTime);
  const ended = before === null ? null : (time(before.responseTime) ?? time(before.dispatchTime));
  return started !== null && (ended === null || started > ended)
    ? [{at: started, kind: 'redriven', title: 'Redriven', text: `round ${status.round.number} begins`}]
    : [];
}

function present(task, before, now) {
  const status = task.status ?? {};
  const state = status.state ?? 'Pending';
  const succeeded = condition(task, 'Succeeded');
  const sentence = localTimes(withoutSection(succeeded?.message), now);
  if (state === 'Succeeded' || state === 'Failed') {
    const at = time(status.completionTime);
    return [{at, kind: 'end', title: state, text: state === 'Failed' || before === null ? sentence : succeeded?.reason ?? '', tone: state === 'Failed' ? 'bad' : 'good'}];
  }
  const claim = status.claim;
  if (claim) {
    const ends = time(claim.deadline);
    return [{at: time(claim.dispatchTime), kind: 'flight', title: `Attempt ${claim.attempt}`, text: 'is in flight', until: ends, note: '', tone: 'now'}];
  }
  const next = time(status.nextAttemptTime) ?? (state === 'Scheduled' ? dueAt(task) : null);
  if (next !== null && next > now) {
    return [{at: next, kind: 'next', title: before === null ? 'Due' : 'Next attempt', text: '', until: next, tone: 'now'}];
  }
  return [{at: null, kind: 'waits', title: 'Waits', text: sentence || 'No operator has written about it yet.', reason: succeeded?.reason, tone: 'now'}];
}

function collected(task, queue) {
  const ended = time(task.status?.completionTime);
  const outcome = task.status?.state === 'Failed' ? 'failed' : 'succeeded';
  const own = readDuration(task.spec?.ttlAfterFinished);
  const ofQueue = readDuration(queue?.spec?.retention?.[outcome] ?? DEFAULT_KEPT[outcome]);
  const stays = own ?? (queue ? ofQueue : null);
  return ended === null || stays === null
    ? null
    : {at: ended + stays, kind: 'collected', title: 'Deleted', text: own === null ? 'by the queue’s retention, unless a tool such as Git owns it' : 'by its ttlAfterFinished', tone: 'faint'};
}

/** The sentence for the banner: `{reason, text, tone}`. */
export function verdict(object, now) {
  const succeeded = condition(object, 'Succeeded');
  const accepted = condition(object, 'Accepted');
  const state = object.status?.state ?? 'Pending';
  const told_ = accepted?.status === 'False' ? accepted : succeeded;
  const tone = state === 'Failed' ? 'bad' : state === 'Succeeded' ? 'good' : accepted?.status === 'False' || succeeded?.reason === 'NoReadyEndpoint' ? 'warn' : 'plain';
  return {
    reason: told_?.reason ?? state,
    text: localTimes(withoutSection(told_?.message), now) || 'No operator has written about it yet.',
    tone,
  };
}

/** The name of the dead letter that the sentence names; null without one. */
export function deadLetterName(sentence) {
  return /dead letter is Task ([a-z0-9.-]*[a-z0-9])/.exec(sentence)?.[1] ?? null;
}
