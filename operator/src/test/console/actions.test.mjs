import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';
import * as actions from '../../main/resources/console/actions.js';
import {figures} from '../../main/resources/console/concerns.js';

const NOW = Date.parse('2026-11-29T12:00:00.123Z');
const queue = {metadata: {namespace: 'shop', name: 'mail', annotations: {}}, spec: {deadLetter: {queueRef: {name: 'failed'}}}, status: {stats: {tasks: 5, failedRetained: 3}}};
const batch = {metadata: {namespace: 'shop', name: 'b', annotations: {'taskqueue.dev/cancel': 'why'}}, spec: {}, status: {counts: {failed: 2, skipped: 3}}};

const ALL = [
  actions.pause(queue), actions.resume(queue, figures(queue)), actions.hold(queue, 'Anna: moving', NOW), actions.release(queue, figures(queue)),
  actions.runNow('shop', ['a'], NOW), actions.redrive('shop', ['a', 'b'], NOW, 'failed'), actions.redriveQueue(queue, figures(queue), NOW),
  actions.purge(queue, figures(queue), NOW), actions.cancel('shop', ['a', 'b']), actions.redriveBatch(batch, NOW), actions.runBatchNow(batch, NOW),
  actions.holdBatch(batch, 'x'), actions.releaseBatch(batch), actions.cancelBatch(batch, 'x', 7),
];

test('every action says what it does, which right it needs, and its kubectl line', () => {
  for (const action of ALL) {
    assert.ok(action.says.join(' ').length > 20, action.title);
    assert.match(action.kubectl, /^kubectl (annotate|patch|delete) task(s|queues|batches)\.taskqueue\.dev -n shop /);
    assert.ok(['patch', 'delete'].includes(action.right[0]) && action.right[2] === 'shop');
    assert.ok(action.requests().every((request) => request.path.startsWith('apis/taskqueue.dev/v1beta1/namespaces/shop/')));
  }
});

test('a hold is written as field manager hold, everything else as the console', () => {
  for (const action of ALL) {
    for (const request of action.requests().filter((each) => each.method === 'PATCH')) {
      const isHold = 'metadata' in request.body && 'taskqueue.dev/hold' in request.body.metadata.annotations && request.path.includes('/taskqueues/');
      assert.equal(request.manager, isHold ? 'hold' : 'taskqueue-console');
    }
  }
});

test('a hold needs words, and one without an end removes the time of the last', () => {
  assert.equal(actions.hold(queue, '  ', null).ready, false);
  assert.deepEqual(actions.hold(queue, 'x', null).requests()[0].body.metadata.annotations, {'taskqueue.dev/hold': 'x', 'taskqueue.dev/hold-until': null});
  assert.equal(actions.hold(queue, 'x', NOW).requests()[0].body.metadata.annotations['taskqueue.dev/hold-until'], '2026-11-29T12:00:00Z');
});

test('what cannot be undone is typed', () => {
  assert.equal(actions.purge(queue, figures(queue), NOW).type, 'mail');
  assert.equal(actions.cancel('shop', ['a', 'b']).type, '2');
  assert.equal(actions.cancel('shop', ['a']).type, undefined);
});

test('a queue that is stopped twice does not go on by the end of one stop', () => {
  const stopped = (state, spec, conditions) => ({metadata: {namespace: 'shop', name: 'mail', annotations: {'taskqueue.dev/hold': 'x'}}, spec, status: {state, stats: {queued: 3}, conditions}});
  const says = (act, of) => act(of, figures(of)).says.join(' ');
  assert.equal(says(actions.release, stopped('Held', {})), 'The hold ends: 3 Tasks are due and go at the queue’s rate.');
  assert.equal(says(actions.release, stopped('Held', {state: 'Paused'})), 'Nothing is dispatched yet: it is paused by its spec, too. 3 Tasks are due and wait on.');
  assert.equal(says(actions.resume, stopped('Held', {state: 'Paused'})), 'Nothing is dispatched yet: it is on hold, too. 3 Tasks are due and wait on.');
  assert.equal(says(actions.resume, stopped('Paused', {state: 'Paused'})), 'Dispatching starts again: 3 Tasks are due and go at the queue’s rate.');
  assert.match(says(actions.resume, stopped('Invalid', {state: 'Paused'}, [{type: 'Ready', status: 'False'}])), /yet: its spec cannot be used/);
});

test('a purge and a redrive name batches, too', () => {
  assert.match(actions.purge(queue, figures(queue), NOW).says[0], /^All unfinished Tasks and batches of mail are deleted: 5 requests are open by the last count\./);
  assert.match(actions.redriveQueue(queue, figures(queue), NOW).says[0], /^3 failed Tasks and batches start again/);
});

test('a redrive with a dead letter warns that it may run twice', () => {
  assert.match(actions.redrive('shop', ['a'], NOW, 'failed').says.join(' '), /done twice/);
  assert.doesNotMatch(actions.redrive('shop', ['a'], NOW, undefined).says.join(' '), /twice/);
});

test('a cancelled batch is opened for its redrive', () => {
  assert.equal(actions.redriveBatch(batch, NOW).requests()[0].body.metadata.annotations['taskqueue.dev/cancel'], null);
});

test('the words of a hold reach kubectl as they are, whatever a shell makes of them', () => {
  for (const why of ["it's $(reboot) `x` \"y\" \\ !!", 'a\nb', '']) {
    const line = actions.hold(queue, why, null).kubectl.replace(/^kubectl /, 'printf "%s\\n---\\n" ');
    const words = execFileSync('/bin/sh', ['-c', line], {encoding: 'utf8'}).split('\n---\n');
    assert.ok(words.includes(`taskqueue.dev/hold=${why}`), line);
  }
});
