import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {taskName} from '../task-names.js';

const vectors = readFileSync(new URL('../../task-names.csv', import.meta.url), 'utf8').trim().split('\n').slice(1);

for (const [queue, key, name] of vectors.map((line) => line.split(','))) {
  test(`the name follows from queue and key: ${queue}/${key.slice(0, 60)}`, () => {
    assert.equal(taskName(queue, key), name);
  });
}

for (const key of ['', 'a b', 'a/b', 'a.b', 'ä', 'a\n', 'a'.repeat(501)]) {
  test(`other characters are no key: ${JSON.stringify(key.slice(0, 20))}`, () => {
    assert.throws(() => taskName('order-tasks', key), TypeError);
  });
}
