/** What a person should know of a queue, worst first. Pure. */

import {count, localTimes, plural, quantity, time, withoutSection} from './format.js';
import {MINUTE, readDuration, words} from './span.js';

const DEFAULT_RATE = 500;
const DEFAULT_CONCURRENCY = 1000;
const BEHIND = MINUTE;
const RATE_USED_UP = 0.9;
const RANK = {invalid: 0, waiting: 1, throttled: 2, failed: 3, behind: 4, failing: 5, retrying: 6, held: 7, paused: 8};
const LOOK = RANK.failing;
/** So many Tasks that back off, and half of all that are at work, are no accident. */
const FAILING = 5;
const RETRYING = 0.05;

/** The numbers of a queue, with the defaults of the API where the spec is silent. */
export function figures(queue) {
  const stats = queue.status?.stats ?? {};
  const number = (name) => Number(stats[name] ?? 0);
  const limits = queue.spec?.rateLimits ?? {};
  const rate = quantity(limits.maxDispatchesPerSecond) ?? DEFAULT_RATE;
  return {
    tasks: number('tasks'),
    scheduled: number('scheduled'),
    queued: number('queued'),
    dispatching: number('dispatching'),
    backingOff: number('backingOff'),
    failed: number('failedRetained'),
    lastMinute: number('executedLastMinute'),
    waiting: stats.waiting ?? {},
    oldest: time(stats.oldestDueTime),
    nextHour: nextHour(stats.dueByHour),
    rate,
    enforced: quantity(stats.enforcedDispatchesPerSecond) ?? rate,
    burst: limits.maxBurstSize ?? null,
    concurrency: Number(limits.maxConcurrentDispatches ?? DEFAULT_CONCURRENCY),
    known: queue.status?.stats !== undefined,
  };
}

/** The first hour in which a Task is due, where the status counts them by the hour. */
function nextHour(dueByHour) {
  const hours = Object.keys(dueByHour ?? {}).map(time).filter((hour) => hour !== null);
  return hours.length === 0 ? null : Math.min(...hours);
}

/** When the first Task of a queue is due: exact where it is due already, else its hour; null if nothing is known. */
export function firstDue(figure, now) {
  return figure.oldest ?? (figure.nextHour === null ? null : Math.max(figure.nextHour, now + MINUTE));
}

/** The state in one word, as the operator says it; unknown words are passed on. */
export function stateOf(queue) {
  return queue.status?.state ?? (queue.spec?.state === 'Paused' ? 'Paused' : 'New');
}

export function condition(object, type) {
  return (object.status?.conditions ?? []).find((each) => each.type === type);
}

/**
 * Each concern has `kind`, `text`, `reason` (for the help), `look` (somebody should look) and `rank`.
 *
 * @param now the server's time, in milliseconds
 */
export function concerns(queue, now) {
  const figure = figures(queue);
  const found = [];
  const add = (kind, reason, text) => found.push({kind, reason, text, rank: RANK[kind], look: RANK[kind] <= LOOK});
  const ready = condition(queue, 'Ready');
  if (ready?.status === 'False') {
    add('invalid', ready.reason, localTimes(withoutSection(ready.message), now) || ready.reason);
  }
  for (const [reason, number] of Object.entries(figure.waiting).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
    add('waiting', reason, `${count(number)} ${number === 1 ? 'waits' : 'wait'}: ${reason}`);
  }
  const throttled = condition(queue, 'Throttled');
  if (throttled?.status === 'True') {
    add('throttled', throttled.reason, `slowed down to ${Number(figure.enforced.toPrecision(3))} of ${figure.rate} a second: the workers are overloaded`);
  }
  if (figure.failed > 0) {
    add('failed', 'Failed', `${count(figure.failed)} failed for good`);
  }
  const behind = whyBehind(queue, figure, now);
  if (behind !== null) {
    add('behind', 'Queued', behind);
  }
  addRetries(figure, add);
  addStops(queue, now, add);
  return found;
}

/** Why a running queue is behind its due times; null if it is not. */
function whyBehind(queue, figure, now) {
  if (stateOf(queue) !== 'Running' || figure.oldest === null || now - figure.oldest <= BEHIND || figure.queued + figure.dispatching === 0) {
    return null;
  }
  if (figure.dispatching >= figure.concurrency) {
    return `behind by ${words(now - figure.oldest)}: all ${plural(figure.concurrency, 'slot')} are busy`;
  }
  if (figure.lastMinute >= RATE_USED_UP * 60 * Math.min(figure.rate, figure.enforced)) {
    return `behind by ${words(now - figure.oldest)}: the rate is used up`;
  }
  const blocked = Object.values(figure.waiting).reduce((sum, number) => sum + number, 0);
  // What waits for something that must change is told already, and is not late by the queue's fault.
  return blocked >= figure.queued ? null : `behind by ${words(now - figure.oldest)}`;
}

/** Tasks that wait for another attempt: told where they are more than a few, and a case for a look where most fail. */
function addRetries(figure, add) {
  const atWork = figure.queued + figure.dispatching + figure.backingOff;
  const part = figure.backingOff / atWork;
  if (figure.backingOff >= FAILING && part >= 0.5) {
    add('failing', 'BackingOff', `attempts fail: ${count(figure.backingOff)} of ${count(atWork)} back off`);
  } else if (figure.backingOff > 0 && part >= RETRYING) {
    add('retrying', 'BackingOff', `${count(figure.backingOff)} ${figure.backingOff === 1 ? 'backs' : 'back'} off after a failed attempt`);
  }
}

function addStops(queue, now, add) {
  const state = stateOf(queue);
  const annotations = queue.metadata?.annotations ?? {};
  const since = time(condition(queue, 'Paused')?.lastTransitionTime);
  if (state === 'Held') {
    const until = time(annotations['taskqueue.dev/hold-until']);
    const why = annotations['taskqueue.dev/hold'] ?? condition(queue, 'Paused')?.message ?? '';
    // A spec that pauses as well may have stopped it before it was held.
    const length = since === null ? '' : ` ${queue.spec?.state === 'Paused' ? 'and stopped ' : ''}for ${words(now - since)}`;
    add('held', 'Held', `held${length}${until === null ? '' : until > now ? `, ends in ${words(until - now)}` : `, should have ended ${words(now - until)} ago`}: ${why}`);
  } else if (state === 'Paused') {
    add('paused', 'SpecPaused', `paused by its spec${since === null ? '' : `, for ${words(now - since)}`}`);
  }
}

/** How a queue itself keeps its Tasks: `{title, text}`, or null if it does not. */
export function keeps(queue, now) {
  const state = stateOf(queue);
  const say = (type, title) => ({title, text: localTimes(withoutSection(condition(queue, type)?.message), now)});
  if (['Paused', 'Held', 'Invalid'].includes(state)) {
    return say(state === 'Invalid' ? 'Ready' : 'Paused', `Its queue is ${state.toLowerCase()}.`);
  }
  const {WriteRefused, ApiServerUnavailable} = queue.status?.stats?.waiting ?? {};
  if (WriteRefused || ApiServerUnavailable) {
    return say('Blocked', 'Its queue is kept by the API server.');
  }
  return condition(queue, 'Throttled')?.status === 'True' ? say('Throttled', 'Its queue is slowed down.') : null;
}

/** Whether somebody should look at the queue. */
export function needsLook(list) {
  return list.some((concern) => concern.look);
}

/** The table's order: by the worst concern, then by how many Tasks it is about, then by name. */
export function compareRows(a, b) {
  const rank = (row) => row.concerns[0]?.rank ?? 9;
  const weight = (row) => (rank(row) === RANK.failed ? row.figures.failed : row.figures.tasks);
  return rank(a) - rank(b) || weight(b) - weight(a) || (a.key < b.key ? -1 : 1);
}

/** What the operator has not taken over yet; null if the last change of the spec is in force. */
export function notInForce(queue) {
  const seen = queue.status?.observedGeneration;
  const wanted = queue.metadata?.generation;
  return seen !== undefined && wanted !== undefined && seen < wanted ? {seen, wanted} : null;
}

/** The settings of a queue in words: pairs of a name and a sentence. */
export function settings(queue) {
  const spec = queue.spec ?? {};
  const figure = figures(queue);
  const retry = spec.retry ?? {};
  const target = spec.httpTarget ?? {};
  const pairs = [['Rate', `${figure.rate} a second, ${figure.burst === null ? 'burst by default' : `burst ${figure.burst}`}, ${count(figure.concurrency)} at a time`]];
  const attempts = retry.maxAttempts ?? 100;
  pairs.push(['Attempts', `${attempts === -1 ? 'without limit' : count(attempts)}${limitedTime(retry)}`]);
  pairs.push(['Backoff', `${retry.minBackoff ?? '100ms'} to ${retry.maxBackoff ?? '1h'}, doubled ${retry.maxDoublings ?? 16} times`]);
  if (retry.nonRetryableStatusCodes?.length) {
    pairs.push(['Fails at once on', retry.nonRetryableStatusCodes.join(', ')]);
  }
  if (target.serviceRef) {
    pairs.push(['Target', `Service ${target.serviceRef.name}${target.serviceRef.port ? `, port ${target.serviceRef.port}` : ''}${target.path ? `, ${target.path}` : ''}${target.mode === 'Always' ? ', whatever the Task says' : ', where the Task names none'}`]);
  }
  pairs.push(['Answer within', spec.dispatchDeadline ?? '10m']);
  pairs.push(['Overload', spec.throttling === 'Disabled' ? 'never slowed down' : 'slowed down on 429 and 5xx']);
  const kept = spec.retention ?? {};
  pairs.push(['Kept', `succeeded ${kept.succeeded ?? '1h'}, failed ${kept.failed ?? '168h'}; unfinished at most ${kept.unfinished ?? '744h'}`]);
  if (spec.deadLetter?.queueRef?.name) {
    pairs.push(['Dead letters', `to queue ${spec.deadLetter.queueRef.name}`]);
  }
  return pairs;
}

function limitedTime(retry) {
  const limit = readDuration(retry.maxRetryDuration ?? '0s');
  if (!limit) {
    return '';
  }
  return retry.giveUp === 'WhenEither' ? ` or ${retry.maxRetryDuration}` : ` and ${retry.maxRetryDuration}`;
}
