import assert from 'node:assert/strict';
import {test} from 'node:test';
import {changed, readHandover, readRoute, upFrom} from '../../main/resources/console/route.js';

test('an address is read into page, names and query', () => {
  const route = readRoute('#/queue/shop/order-tasks?state=Failed&label=order=4711');
  assert.equal(route.page, 'queue');
  assert.deepEqual(route.names, ['shop', 'order-tasks']);
  assert.equal(route.query.get('label'), 'order=4711');
  assert.deepEqual(readRoute('').names, []);
  assert.deepEqual(readRoute('#/task/%E0%A4%A/x').names, ['%E0%A4%A', 'x']);
});

test('a part of the query is changed, the rest stays', () => {
  const route = readRoute('#/queue/shop/a?state=Failed');
  assert.equal(changed(route, {label: 'order=4711'}), '#/queue/shop/a?state=Failed&label=order=4711');
  assert.equal(changed(route, {state: null}), '#/queue/shop/a');
});

test('up leads from a Task to its queue, and from a queue to all', () => {
  assert.equal(upFrom(readRoute('#/task/shop/a'), 'mail'), '#/queue/shop/mail');
  assert.equal(upFrom(readRoute('#/queue/shop/mail')), '#/');
});

test('the prefix of the plugin is taken over', () => {
  assert.deepEqual(readHandover(`#api=/k-${'0a'.repeat(16)}/&ns=shop`), {prefix: `/k-${'0a'.repeat(16)}/`, namespace: 'shop'});
  assert.equal(readHandover('#/queue/shop/a'), null);
});

test('no address makes the page talk to another server or path', () => {
  for (const prefix of ['//evil.example/', 'https://evil.example/', '/k-123/', '/k-' + '0a'.repeat(16), `/k-${'0a'.repeat(16)}/../`, '/api/', 'javascript:alert(1)']) {
    assert.equal(readHandover(`#api=${encodeURIComponent(prefix)}`).prefix, '/');
  }
});
