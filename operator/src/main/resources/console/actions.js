/** What the console can do: each action says what it does, its kubectl line, its requests and how it is confirmed. Pure. */

import {Api} from './api.js';
import {condition} from './concerns.js';
import {count, plural} from './format.js';

const MANAGER = 'taskqueue-console';
const HOLD = 'hold';
const KINDS = {taskqueues: 'taskqueues.taskqueue.dev', tasks: 'tasks.taskqueue.dev', taskbatches: 'taskbatches.taskqueue.dev'};

/** A word for a POSIX shell. */
export function shellWord(text) {
  const word = String(text);
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function annotateLine(plural_, namespace, names, pairs, manager) {
  const parts = Object.entries(pairs).map(([name, value]) => (value === null ? `${name}-` : shellWord(`${name}=${value}`)));
  return `kubectl annotate ${KINDS[plural_]} -n ${namespace} ${names.join(' ')} ${parts.join(' ')} --overwrite${manager === HOLD ? ' --field-manager=hold' : ''}`;
}

function patch(plural_, namespace, name, body, manager = MANAGER) {
  return {method: 'PATCH', name, path: Api.object(plural_, namespace, name), body, manager};
}

function annotation(plural_, namespace, name, pairs, manager) {
  return patch(plural_, namespace, name, {metadata: {annotations: pairs}}, manager);
}

function stamp(now) {
  return `console-${new Date(now).toISOString()}`;
}

function annotateAll(plural_, namespace, names, pairs) {
  return {
    kubectl: annotateLine(plural_, namespace, names, pairs),
    requests: () => names.map((name) => annotation(plural_, namespace, name, pairs)),
  };
}

/** The queue is paused by its spec. */
export function pause(queue) {
  const {namespace, name} = queue.metadata;
  return {
    title: `Pause ${name}`, verb: 'Pause', right: ['patch', 'taskqueues', namespace],
    says: ['Nothing of it is dispatched any more. Tasks are accepted and wait; what is in flight ends.', 'A deploy of the queue’s manifest undoes a pause. A hold stays: choose Hold instead.'],
    kubectl: `kubectl patch ${KINDS.taskqueues} -n ${namespace} ${name} --type=merge -p '{"spec":{"state":"Paused"}}'`,
    requests: () => [patch('taskqueues', namespace, name, {spec: {state: 'Paused'}})],
    done: `${name} is paused.`,
  };
}

export function resume(queue, figures) {
  const {namespace, name} = queue.metadata;
  return {
    title: `Resume ${name}`, verb: 'Resume', right: ['patch', 'taskqueues', namespace],
    says: goesOn(queue, figures, 'Dispatching starts again', queue.status?.state === 'Held' && 'it is on hold, too'),
    kubectl: `kubectl patch ${KINDS.taskqueues} -n ${namespace} ${name} --type=merge -p '{"spec":{"state":"Running"}}'`,
    requests: () => [patch('taskqueues', namespace, name, {spec: {state: 'Running'}})],
    done: `${name} is running.`,
  };
}

/** @param until milliseconds, or null for a hold without an end */
export function hold(queue, why, until) {
  const {namespace, name} = queue.metadata;
  const pairs = {'taskqueue.dev/hold': why, 'taskqueue.dev/hold-until': until === null ? null : new Date(until).toISOString().replace(/\.\d+Z/, 'Z')};
  return {
    title: `Hold ${name}`, verb: 'Hold', right: ['patch', 'taskqueues', namespace],
    says: ['Nothing of it is dispatched while the hold stands, whatever its spec says; a deploy does not undo it. Tasks are accepted and wait; what is in flight ends.'],
    kubectl: annotateLine('taskqueues', namespace, [name], pairs, HOLD),
    requests: () => [annotation('taskqueues', namespace, name, pairs, HOLD)],
    ready: why.trim() !== '',
    done: `${name} is held.`,
  };
}

export function release(queue, figures) {
  const {namespace, name} = queue.metadata;
  const pairs = {'taskqueue.dev/hold': null, 'taskqueue.dev/hold-until': null};
  return {
    title: `Release ${name}`, verb: 'Release', right: ['patch', 'taskqueues', namespace],
    says: goesOn(queue, figures, 'The hold ends', queue.spec?.state === 'Paused' && 'it is paused by its spec, too'),
    kubectl: annotateLine('taskqueues', namespace, [name], pairs, HOLD),
    requests: () => [annotation('taskqueues', namespace, name, pairs, HOLD)],
    done: `${name} is released.`,
  };
}

/** What a queue does without one of its stops: nothing if `other` or its spec stops it, too. */
function goesOn(queue, figures, begin, other) {
  const due = `${plural(figures.queued, 'Task')} ${figures.queued === 1 ? 'is' : 'are'} due`;
  const stop = other || (condition(queue, 'Ready')?.status === 'False' && 'its spec cannot be used');
  return stop ? [`Nothing is dispatched yet: ${stop}. ${due} and ${figures.queued === 1 ? 'waits' : 'wait'} on.`] : [`${begin}: ${due} and ${figures.queued === 1 ? 'goes' : 'go'} at the queue’s rate.`];
}

export function runNow(namespace, names, now) {
  return {
    title: names.length === 1 ? `Run ${names[0]} now` : `Run ${plural(names.length, 'Task')} now`, verb: 'Run now', right: ['patch', 'tasks', namespace],
    says: ['Sent at once, past schedule, rate, slots, pause and hold of the queue. Finished Tasks and those in flight are left alone.'],
    ...annotateAll('tasks', namespace, names, {'taskqueue.dev/run-now': stamp(now)}),
    done: names.length === 1 ? `${names[0]} goes now.` : `${plural(names.length, 'Task')} go now.`,
  };
}

export function redrive(namespace, names, now, deadLetter) {
  return {
    title: names.length === 1 ? `Redrive ${names[0]}` : `Redrive ${plural(names.length, 'Task')}`, verb: 'Redrive', right: ['patch', 'tasks', namespace],
    says: [`${names.length === 1 ? 'The failed Task starts' : `${count(names.length)} Tasks start`} again with all attempts; the history is kept. Tasks that have not failed are left alone.`, ...twice(deadLetter)],
    ...annotateAll('tasks', namespace, names, {'taskqueue.dev/redrive': stamp(now)}),
    done: names.length === 1 ? `${names[0]} starts again.` : `${plural(names.length, 'Task')} start again.`,
  };
}

export function redriveQueue(queue, figures, now) {
  const {namespace, name} = queue.metadata;
  const failed = figures.failed === 1 ? '1 failed Task or batch' : `${count(figures.failed)} failed Tasks and batches`;
  return {
    title: `Redrive what failed in ${name}`, verb: `Redrive ${count(figures.failed)}`, right: ['patch', 'taskqueues', namespace],
    says: [`${failed} ${figures.failed === 1 ? 'starts' : 'start'} again with all attempts, at the queue’s rate. Of a batch, only failed and skipped items are sent again.`, ...twice(queue.spec?.deadLetter?.queueRef?.name)],
    ...annotateAll('taskqueues', namespace, [name], {'taskqueue.dev/redrive': stamp(now)}),
    done: `${failed} of ${name} ${figures.failed === 1 ? 'starts' : 'start'} again.`,
  };
}

function twice(deadLetter) {
  return deadLetter ? [`Each has a dead letter in ${deadLetter} already: what that queue did with it may be done twice.`] : [];
}

export function purge(queue, figures, now) {
  const {namespace, name} = queue.metadata;
  const body = {spec: {purgeBefore: new Date(now).toISOString()}};
  return {
    title: `Purge ${name}`, verb: 'Purge', danger: true, right: ['patch', 'taskqueues', namespace],
    says: [`All unfinished Tasks and batches of ${name} are deleted: ${plural(figures.tasks, 'request')} ${figures.tasks === 1 ? 'is' : 'are'} open by the last count. It cannot be undone.`, 'What is in flight is not aborted, and its outcome is dropped. What has ended stays, and so does what is created from now on.'],
    type: name, typeLabel: 'Type the queue’s name to confirm',
    kubectl: `kubectl patch ${KINDS.taskqueues} -n ${namespace} ${name} --type=merge -p '${JSON.stringify(body)}'`,
    requests: () => [patch('taskqueues', namespace, name, body)],
    done: `${name} is being purged.`,
  };
}

/** Deletes Tasks. The uids are read before, so that no later Task of the same name goes. */
export function cancel(namespace, names) {
  const several = names.length > 1;
  return {
    title: several ? `Delete ${plural(names.length, 'Task')}` : `Delete ${names[0]}`, verb: several ? `Delete ${count(names.length)}` : 'Delete', danger: true, right: ['delete', 'tasks', namespace],
    says: [several ? 'They are deleted, finished or not. It cannot be undone.' : 'The Task is deleted, finished or not. It cannot be undone.', 'An attempt in flight is not aborted, and its outcome is dropped. Their names are free again.'],
    ...(several ? {type: String(names.length), typeLabel: 'Type how many to confirm'} : {}),
    kubectl: `kubectl delete ${KINDS.tasks} -n ${namespace} ${names.join(' ')} --wait=false`,
    requests: () => names.map((name) => ({method: 'DELETE', name, path: Api.object('tasks', namespace, name)})),
    done: several ? `${plural(names.length, 'Task')} are deleted.` : `${names[0]} is deleted.`,
  };
}

/** Failed and skipped items start again; a batch that was cancelled is opened for it. */
export function redriveBatch(batch, now, deadLetter) {
  const {namespace, name} = batch.metadata;
  const counts = batch.status?.counts ?? {};
  const items = Number(counts.failed ?? 0) + Number(counts.skipped ?? 0);
  const pairs = {'taskqueue.dev/redrive': stamp(now)};
  const cancelled = batch.metadata.annotations?.['taskqueue.dev/cancel'] !== undefined;
  if (cancelled) {
    pairs['taskqueue.dev/cancel'] = null;
  }
  return {
    title: `Redrive ${name}`, verb: `Redrive ${plural(items, 'item')}`, right: ['patch', 'taskbatches', namespace],
    says: [`${plural(items, 'failed or skipped item')} start${items === 1 ? 's' : ''} again with all attempts. Items that succeeded are not sent again. The Task of onFinished runs again at the end.`, ...(cancelled ? ['The batch was cancelled: that annotation is removed.'] : []), ...twice(deadLetter)],
    ...annotateAll('taskbatches', namespace, [name], pairs),
    done: `${plural(items, 'item')} of ${name} start again.`,
  };
}

export function runBatchNow(batch, now) {
  const {namespace, name} = batch.metadata;
  return {
    title: `Run ${name} now`, verb: 'Run now', right: ['patch', 'taskbatches', namespace],
    says: ['All its waiting items are due now and go within the queue’s rate and slots.'],
    ...annotateAll('taskbatches', namespace, [name], {'taskqueue.dev/run-now': stamp(now)}),
    done: `The items of ${name} are due now.`,
  };
}

export function holdBatch(batch, why) {
  const {namespace, name} = batch.metadata;
  return {
    title: `Hold ${name}`, verb: 'Hold', right: ['patch', 'taskbatches', namespace],
    says: ['Its items stay where they are; its queue goes on. What is in flight ends.'],
    ...annotateAll('taskbatches', namespace, [name], {'taskqueue.dev/hold': why}),
    ready: why.trim() !== '',
    done: `${name} is held.`,
  };
}

export function releaseBatch(batch) {
  const {namespace, name} = batch.metadata;
  return {
    title: `Release ${name}`, verb: 'Release', right: ['patch', 'taskbatches', namespace],
    says: ['The hold of the batch ends, and its items go on.'],
    ...annotateAll('taskbatches', namespace, [name], {'taskqueue.dev/hold': null}),
    done: `${name} is released.`,
  };
}

/** Stops a batch; it ends as Failed, reason Cancelled. */
export function cancelBatch(batch, why, open) {
  const {namespace, name} = batch.metadata;
  return {
    title: `Cancel ${name}`, verb: 'Cancel batch', danger: true, right: ['patch', 'taskbatches', namespace],
    says: [`Nothing further leaves: about ${plural(open, 'item')} that ${open === 1 ? 'has' : 'have'} not ended ${open === 1 ? 'is' : 'are'} skipped. What is in flight ends. The batch is Failed with the reason Cancelled; a redrive sends the rest after all.`],
    type: name, typeLabel: 'Type the batch’s name to confirm',
    ...annotateAll('taskbatches', namespace, [name], {'taskqueue.dev/cancel': why}),
    ready: why.trim() !== '',
    done: `${name} is cancelled.`,
  };
}
