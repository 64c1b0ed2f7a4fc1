import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Overlooked, missingQueues, strangers, unseenTasks} from '../../main/resources/console/overlooked.js';

const NOW = Date.parse('2026-11-29T12:00:00Z');

function row(name, queue, created = '2026-11-29T11:00:00Z', namespace = 'shop') {
  return {Name: name, Queue: queue, metadata: {namespace, creationTimestamp: created}};
}

test('due Tasks are selected that name none of the queues, each name once', () => {
  assert.equal(strangers(['shop/mail', 'billing/mail', 'shop/a']), 'status.state=Queued,spec.queueRef.name!=a,spec.queueRef.name!=mail');
  assert.equal(strangers([]), 'status.state=Queued');
});

test('nothing is selected where the names are too many for a server to compare', () => {
  assert.equal(strangers(Array.from({length: 101}, (_, number) => `shop/q${number}`)), null);
});

test('missing queues are told with their Tasks, without those that were created meanwhile', () => {
  const rows = [row('a', 'mial'), row('b', 'mial'), row('c', 'mail'), row('d', 'mail', undefined, 'billing')];
  assert.deepEqual(missingQueues(rows, ['shop/mail']), [
    {namespace: 'shop', name: 'mial', tasks: 2, more: false},
    {namespace: 'billing', name: 'mail', tasks: 1, more: false},
  ]);
});

test('a Task is unseen after half a minute, the eldest first, unless its queue tells that writes are refused', () => {
  const rows = [row('young', 'mail', '2026-11-29T11:59:45Z'), row('old', 'mail', '2026-11-29T11:59:00Z'), row('eldest', 'mail'), row('refused', 'ledger')];
  const queues = new Map([['shop/ledger', {status: {stats: {waiting: {WriteRefused: 1}}}}]]);
  assert.deepEqual(unseenTasks(rows, NOW, queues).map((task) => task.name), ['eldest', 'old']);
});

test('both are read with a limit once the queues are known, and whoever may not list Tasks is told nothing', async () => {
  const asked = [];
  const api = {async table(path, query, signal, include) {
    asked.push([path, query, include]);
    return {rows: query.fieldSelector.includes('Pending') ? [] : [row('a', 'mial')]};
  }};
  const overlooked = new Overlooked(api, 'shop', () => new Map([['shop/mail', {}]]), () => {});
  overlooked.start();
  while (overlooked.missing().length === 0) {
    await new Promise((done) => setImmediate(done));
  }
  overlooked.stop();
  assert.deepEqual(overlooked.missing().map((queue) => queue.name), ['mial']);
  assert.deepEqual(asked.map(([path, query, include]) => [path, query.limit, include]), Array(2).fill(['apis/taskqueue.dev/v1beta1/namespaces/shop/tasks', 20, 'Metadata']));

  const refusing = {table: () => Promise.reject(new Error('403'))};
  const none = new Overlooked(refusing, '', () => new Map(), () => {});
  none.start();
  await new Promise((done) => setImmediate(done));
  none.stop();
  assert.deepEqual([none.missing(), none.unseen(NOW)], [[], []]);
});
