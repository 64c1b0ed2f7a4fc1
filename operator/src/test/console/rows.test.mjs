import assert from 'node:assert/strict';
import {mock, test} from 'node:test';

import {ApiError} from '../../main/resources/console/api.js';
import {oldest, sample} from '../../main/resources/console/rows.js';

/** An API whose pages are these; an error is thrown. */
function api(...pages) {
  return {
    async table() {
      const page = pages.shift();
      if (page instanceof Error) {
        throw page;
      }
      return page;
    },
  };
}

test('a sample goes on after a server was busy', async () => {
  mock.timers.enable({apis: ['setTimeout']});
  try {
    const reading = sample(api({rows: [1], next: 'a'}, new ApiError(429, 'TooManyRequests', 'storage is (re)initializing', 1), {rows: [2], next: ''}), '/tasks', {}, 2000);
    await new Promise((done) => setImmediate(done));
    mock.timers.tick(1000);
    assert.deepEqual(await reading, {rows: [1, 2], whole: true});
  } finally {
    mock.timers.reset();
  }
});

test('a sample that the server refuses is not repeated', async () => {
  await assert.rejects(sample(api(new ApiError(403, 'Forbidden', 'no')), '/tasks', {}, 2000), {code: 403});
});

test('the oldest is the Task that was created first, and it is told if not all were read', () => {
  const row = (Name, creationTimestamp) => ({Name, metadata: {creationTimestamp}});
  const rows = [row('a', '2026-11-29T12:00:02Z'), row('b', '2026-11-29T12:00:01Z'), row('c', undefined)];
  assert.deepEqual(oldest(rows, true), {name: 'b', created: Date.parse('2026-11-29T12:00:01Z'), of: null});
  assert.equal(oldest(rows, false).of, 3);
  assert.equal(oldest([], true), null);
});
