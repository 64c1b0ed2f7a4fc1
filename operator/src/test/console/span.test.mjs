import assert from 'node:assert/strict';
import {test} from 'node:test';
import {AXIS, DAY, HOUR, MINUTE, SECOND, arrange, axisPlace, readDuration, relative, words} from '../../main/resources/console/span.js';

test('durations of the API are read, and nothing else is', () => {
  assert.equal(readDuration('1h30m'), 90 * MINUTE);
  assert.equal(readDuration('100ms'), 100);
  assert.equal(readDuration('0s'), 0);
  for (const wrong of ['', '1d', '-1s', '1.5s', null, undefined, 5, 'h']) {
    assert.equal(readDuration(wrong), null);
  }
});

test('a length of time has at most two units', () => {
  assert.equal(words(850), '850ms');
  assert.equal(words(4_560), '4.5s');
  assert.equal(words(59_999), '59s');
  assert.equal(words(33 * MINUTE + 38 * SECOND), '33m 38s');
  assert.equal(words(2 * HOUR + 28 * MINUTE + 59 * SECOND), '2h 28m');
  assert.equal(words(5 * DAY), '5d');
});

test('a time is told as seen from now', () => {
  assert.equal(relative(-5_400), '5s ago');
  assert.equal(relative(400), 'now');
  assert.equal(relative(90 * MINUTE), 'in 1h 30m');
});

test('the axis goes up with time, has now at a third, and ends with a day late and a week', () => {
  const places = AXIS.map((mark) => axisPlace(mark.at));
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
  assert.equal(axisPlace(-DAY), 0);
  assert.equal(axisPlace(-30 * DAY), 0);
  assert.equal(axisPlace(0), 0.33);
  assert.equal(axisPlace(7 * DAY), 1);
  assert.equal(axisPlace(70 * DAY), 1);
});

test('marks do not cover each other, the weightiest has its words, and those without room are counted', () => {
  const marks = Array.from({length: 30}, (_, weight) => ({place: 0.2, width: 0.1, weight}));
  const placed = arrange(marks, 4);
  assert.equal(placed.length, 4);
  assert.equal(placed.reduce((sum, mark) => sum + mark.more, 0), 26);
  assert.equal(placed.find((mark) => mark.weight === 29).bare, false);
  const worded = placed.filter((mark) => !mark.bare);
  assert.equal(new Set(worded.map((mark) => mark.row)).size, worded.length);
});

test('words at the end of the axis stand on the left of their mark', () => {
  assert.equal(arrange([{place: 0.99, width: 0.1, weight: 1}], 4)[0].left, true);
});
