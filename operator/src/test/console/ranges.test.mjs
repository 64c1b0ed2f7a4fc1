import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cells, failedItems, indexes, readRanges, readRetries} from '../../main/resources/console/ranges.js';

test('ranges are read, and what is none is left out', () => {
  assert.deepEqual(readRanges('0-41,43'), [[0, 41], [43, 43]]);
  assert.deepEqual(readRanges('x,1-,,5'), [[5, 5]]);
  assert.deepEqual(readRanges(undefined), []);
  assert.equal(indexes('0-999999999').length, 1000);
});

test('both forms of a waiting entry and that of an ended one are read', () => {
  const found = readRetries({'400': '431:3/2/1@12+61250!503 432:2@-1+-5!0~4 433:1/0/0@0+5!0D~1', '0': '7!422B~5 broken'}, 1000);
  assert.deepEqual(found.get(431), {attempts: 3, nextAt: 62_250, code: 503, ended: false});
  assert.deepEqual(found.get(432), {attempts: 6, nextAt: 995, code: null, ended: false});
  assert.deepEqual(found.get(433), {attempts: 2, nextAt: 1005, code: null, ended: false});
  assert.deepEqual(found.get(7), {attempts: 5, nextAt: null, code: 422, ended: true});
  assert.equal(found.size, 4);
});

test('every item is in exactly one cell', () => {
  for (const total of [1, 2, 99, 100, 101, 600, 1000]) {
    const list = cells({counts: {total}, succeeded: `0-${total - 1}`}, 200);
    assert.equal(list.length, Math.min(200, total));
    assert.ok(list.every((cell) => cell.succeeded === cell.to - cell.from + 1), `total ${total}`);
  }
});

test('cells tell failed, skipped, backing off and in flight apart', () => {
  const [cell] = cells({counts: {total: 10}, succeeded: '0-3', failed: '4', skipped: '5', retries: {'0': '4!500~2 6:1@0+5!500'}, claims: [{indexes: '7-8'}]}, 1);
  assert.deepEqual(cell, {from: 0, to: 9, succeeded: 4, failed: 1, skipped: 1, backingOff: 1, dispatching: 2});
});

test('there are no cells before the items are counted', () => {
  assert.deepEqual(cells(undefined, 10), []);
});

test('failed items without a kept message still have attempts and code', () => {
  const items = failedItems({failed: '3,90', failures: [{index: 3, key: 'o-3', attempts: 5, statusCode: 422, reason: 'NonRetryable', message: 'm', time: 't'}], retries: {'0': '90!500A~4'}});
  assert.deepEqual(items.map((item) => [item.index, item.key, item.attempts, item.code]), [[3, 'o-3', 5, 422], [90, '', 4, 500]]);
});
