import assert from 'node:assert/strict';
import {mock, test} from 'node:test';

import {ApiError} from '../../main/resources/console/api.js';
import {sample} from '../../main/resources/console/rows.js';

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
