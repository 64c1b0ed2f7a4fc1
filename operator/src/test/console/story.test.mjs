import assert from 'node:assert/strict';
import {test} from 'node:test';
import {deadLetterName, dueAt, story, verdict} from '../../main/resources/console/story.js';

const NOW = Date.parse('2026-11-29T12:00:00Z');

function task(status = {}, spec = {}) {
  return {metadata: {namespace: 'shop', name: 'a', creationTimestamp: '2026-11-29T11:00:00Z'}, spec: {queueRef: {name: 'mail'}, ...spec}, status};
}

function attempt(number, second, rest = {}) {
  const at = (offset) => new Date(Date.parse('2026-11-29T11:00:00Z') + 1000 * (second + offset)).toISOString();
  return {number, scheduleTime: at(0), dispatchTime: at(0), responseTime: at(0.5), statusCode: 503, reason: 'Unavailable', message: 'The worker answered 503.', ...rest};
}

const kinds = (of, queue = null) => story(of, queue, NOW).map((entry) => entry.kind);

test('a Task that nobody has seen was created and waits', () => {
  assert.deepEqual(kinds(task()), ['created', 'waits']);
});

test('a delayed Task tells when it is due', () => {
  const delayed = task({state: 'Scheduled', nextAttemptTime: '2026-11-29T13:00:00Z'}, {delay: '2h'});
  assert.equal(dueAt(delayed), Date.parse('2026-11-29T13:00:00Z'));
  const told = story(delayed, null, NOW);
  assert.equal(told[0].text, 'due 2h later');
  assert.equal(told[1].title, 'Due');
});

test('attempts are told with the pauses between, what they took and how late they left', () => {
  const late = {...attempt(2, 20), scheduleTime: '2026-11-29T11:00:10Z'};
  const told = story(task({state: 'BackingOff', attempts: [attempt(1, 0), late], lastAttempt: late, nextAttemptTime: '2026-11-29T12:00:30Z'}), null, NOW);
  assert.deepEqual(told.map((entry) => entry.kind), ['created', 'attempt', 'gap', 'attempt', 'next']);
  assert.equal(told[2].text, 'backed off 9.5s');
  assert.equal(told[3].note, 'Took 500ms. Left 10s after it was due.');
});

test('attempts that are no longer kept are counted', () => {
  const told = story(task({state: 'BackingOff', attempts: [attempt(4, 0)]}), null, NOW);
  assert.equal(told[1].text, '3 earlier attempts no longer kept');
});

test('a redrive stands between the attempts of its rounds', () => {
  const status = {state: 'Failed', attempts: [attempt(1, 0), attempt(2, 100)], round: {number: 2, startTime: '2026-11-29T11:01:00Z'}, completionTime: '2026-11-29T11:01:41Z'};
  assert.deepEqual(kinds(task(status)), ['created', 'attempt', 'redriven', 'attempt', 'end']);
});

test('a redrive without an attempt behind it comes last', () => {
  const status = {state: 'Queued', attempts: [attempt(1, 0)], round: {number: 2, startTime: '2026-11-29T11:30:00Z'}};
  assert.deepEqual(kinds(task(status)), ['created', 'attempt', 'redriven', 'waits']);
});

test('an attempt in flight says until when', () => {
  const told = story(task({state: 'Dispatching', claim: {attempt: 1, dispatchTime: '2026-11-29T11:59:00Z', deadline: '2026-11-29T12:09:00Z'}}), null, NOW);
  assert.equal(told.at(-1).kind, 'flight');
  assert.equal(told.at(-1).until, NOW + 540_000);
});

test('an ended Task says when it is deleted, by its own time or by its queue', () => {
  const ended = {state: 'Succeeded', lastAttempt: attempt(1, 0, {reason: 'Delivered', statusCode: 200}), completionTime: '2026-11-29T11:00:01Z'};
  assert.deepEqual(kinds(task(ended)), ['created', 'attempt', 'end']);
  assert.equal(story(task(ended), {spec: {}}, NOW).at(-1).at, Date.parse('2026-11-29T12:00:01Z'));
  assert.equal(story(task(ended, {ttlAfterFinished: '10s'}), null, NOW).at(-1).at, Date.parse('2026-11-29T11:00:11Z'));
});

test('the verdict is what is not accepted, else how it ended', () => {
  const conditions = [{type: 'Accepted', status: 'False', reason: 'QueueNotFound', message: 'TaskQueue shop/x does not exist. (see Troubleshooting, section QueueNotFound)'}, {type: 'Succeeded', status: 'Unknown', reason: 'Queued', message: 'waits'}];
  assert.deepEqual(verdict(task({state: 'Queued', conditions}), NOW), {reason: 'QueueNotFound', text: 'TaskQueue shop/x does not exist.', tone: 'warn'});
  assert.equal(verdict(task(), NOW).text, 'No operator has written about it yet.');
});

test('the dead letter is found in the sentence', () => {
  assert.equal(deadLetterName('Given up. Its dead letter is Task order-4711-dl-2091ab86. And so on.'), 'order-4711-dl-2091ab86');
  assert.equal(deadLetterName('Given up.'), null);
});
