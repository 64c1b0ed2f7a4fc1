import assert from 'node:assert/strict';
import {test} from 'node:test';
import {alike, buckets, hours, marks} from '../../main/resources/console/buckets.js';
import {DAY, HOUR} from '../../main/resources/console/span.js';

const NOW = Date.parse('2026-11-29T12:10:00Z');

test('every time that is ahead is counted once, first attempts and retries apart', () => {
  const due = Array.from({length: 500}, (_, index) => ({at: NOW + index * 60_000, retry: index % 5 === 0}));
  const counted = buckets([...due, {at: NOW - 1, retry: false}], NOW);
  assert.equal(counted.total, 500);
  assert.equal(counted.list.reduce((sum, bucket) => sum + bucket.retry, 0), 100);
  assert.ok(counted.list.length <= 62);
});

test('there is no histogram where nothing is ahead', () => {
  assert.equal(buckets([{at: NOW - 5, retry: false}], NOW), null);
});

test('one Task in a month has buckets of a round width', () => {
  const counted = buckets([{at: NOW + 30 * DAY, retry: false}], NOW);
  assert.equal(counted.width % (12 * HOUR), 0);
  assert.equal(counted.highest, 1);
});

test('a Task in a hundred years needs no more buckets than one in an hour', () => {
  assert.ok(buckets([{at: NOW + 36_500 * DAY, retry: false}], NOW).list.length <= 62);
});

test('the counts of the status are taken by their hours, and gaps stay', () => {
  const counted = hours({'2026-11-29T12:00Z': 3, '2026-11-29T15:00Z': 7, 'nonsense': 9, '2026-11-29T10:00Z': 5}, NOW);
  assert.deepEqual(counted.list.slice(0, 4).map((bucket) => bucket.first), [3, 0, 0, 7]);
  assert.equal(counted.peak.from, Date.parse('2026-11-29T15:00Z'));
  assert.equal(hours(undefined, NOW), null);
});

test('one hour is a bar among others, with marks below', () => {
  const counted = hours({'2026-11-29T12:00Z': 3}, NOW);
  assert.equal(counted.list.length, 12);
  assert.ok(marks(counted).length > 1);
});

test('hours that are weeks apart need no more buckets than those of a day, and none is lost', () => {
  const counted = hours({'2026-11-29T12:00Z': 3, '2026-12-20T15:00Z': 7, '2026-12-27T23:00Z': 1}, NOW);
  assert.ok(counted.list.length <= 62);
  assert.equal(counted.total, 11);
});

test('few marks stand below', () => {
  const counted = buckets([{at: NOW + DAY, retry: false}], NOW);
  assert.ok(marks(counted).length > 1 && marks(counted).length <= 8);
});

test('failed Tasks are grouped by code and reason, the most first', () => {
  const rows = [{code: 422, reason: 'NonRetryable'}, {code: 500, reason: 'RetriesExhausted'}, {code: 500, reason: 'RetriesExhausted'}, {code: null, reason: 'Expired'}];
  assert.deepEqual(alike(rows).map((group) => [group.code, group.number]), [[500, 2], [422, 1], [null, 1]]);
  assert.equal(alike([{code: 500, reason: 'x', name: 'first'}, {code: 500, reason: 'x', name: 'second'}])[0].example, 'first');
});
