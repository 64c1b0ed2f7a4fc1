import assert from 'node:assert/strict';
import {test} from 'node:test';
import {bytes, count, localTimes, plural, quantity, rate, short, time, withoutSection} from '../../main/resources/console/format.js';

test('large numbers are short and small ones exact', () => {
  assert.equal(short(9_999), '9,999');
  assert.equal(short(96_652), '96.7k');
  assert.equal(short(999_949), '999.9k');
  assert.equal(short(999_950), '1M');
  assert.equal(count(1011), '1,011');
  assert.equal(count(undefined), '–');
  assert.equal(plural(1, 'Task'), '1 Task');
  assert.equal(plural(2, 'batch', 'batches'), '2 batches');
});

test('quantities are read as Kubernetes writes them', () => {
  assert.equal(quantity('25'), 25);
  assert.equal(quantity('0.5'), 0.5);
  assert.equal(quantity('500m'), 0.5);
  assert.equal(quantity(7), 7);
  assert.equal(quantity('2k'), 2000);
  assert.equal(quantity('fast'), null);
  assert.equal(quantity(undefined), null);
});

test('a rate has two digits that count', () => {
  assert.equal(rate(0.336), '0.34');
  assert.equal(rate(25), '25');
  assert.equal(rate(500), '500');
});

test('a time that cannot be read is none', () => {
  assert.equal(time('2026-11-29T01:01:58Z'), Date.UTC(2026, 10, 29, 1, 1, 58));
  assert.equal(time('+10000-01-01'), null);
  assert.equal(time('2026-99-99T00:00:00Z'), null);
  assert.equal(time(undefined), null);
});

test('times within a sentence become those of the clock here, other text stays', () => {
  const at = new Date(2026, 10, 29, 10, 31, 6, 399);
  assert.equal(localTimes(`due at ${at.toISOString()}.`, at.getTime()), 'due at 10:31:06.');
  assert.equal(localTimes('no time 2026-13-99T99:99:99Z', 0), 'no time 2026-13-99T99:99:99Z');
  assert.equal(localTimes(undefined, 0), '');
});

test('the section of the documentation is cut off', () => {
  assert.equal(withoutSection('It is missing. (see Troubleshooting, section TargetNotFound)'), 'It is missing.');
  assert.equal(withoutSection('It (as told) is missing.'), 'It (as told) is missing.');
});

test('bytes have a unit', () => {
  assert.equal(bytes(1), '1 byte');
  assert.equal(bytes(1536), '1.5 KiB');
});
