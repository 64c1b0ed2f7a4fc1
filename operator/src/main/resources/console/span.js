/** Lengths of time: read from the API, in words, and as places on the axis of due times. Pure. */

const UNITS = {h: 3_600_000, m: 60_000, s: 1_000, ms: 1};
const DURATION = /^(\d{1,5}(h|ms|m|s)){1,4}$/;

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

/** Reads a duration of the API such as `1h30m`, in milliseconds; null if it is none. */
export function readDuration(text) {
  if (typeof text !== 'string' || !DURATION.test(text)) {
    return null;
  }
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+)(ms|h|m|s)/g)) {
    sum += Number(number) * UNITS[unit];
  }
  return sum;
}

/** A length of time in at most two units: `850ms`, `4.5s`, `33m 38s`, `2h 28m`, `5d 3h`. */
export function words(millis) {
  const length = Math.abs(millis);
  if (length < SECOND) {
    return `${Math.round(length)}ms`;
  }
  if (length < 10 * SECOND) {
    return `${trimmed(Math.floor(length / 100) / 10)}s`;
  }
  const seconds = Math.floor(length / SECOND);
  if (seconds < 60) {
    return `${seconds}s`;
  }
  if (seconds < 3_600) {
    return two(Math.floor(seconds / 60), 'm', seconds % 60, 's');
  }
  if (seconds < 86_400) {
    return two(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'm');
  }
  return two(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3_600), 'h');
}

/** As `words`, but without parts of a second: for ages that are repainted. */
export function steadyWords(millis) {
  const length = Math.abs(millis);
  return length < 10 * SECOND ? `${Math.floor(length / SECOND)}s` : words(length);
}

/** Where a time lies seen from now: `33m ago`, `now`, `in 2h 28m`. */
export function relative(millis) {
  if (Math.abs(millis) < SECOND) {
    return 'now';
  }
  return millis < 0 ? `${steadyWords(millis)} ago` : `in ${steadyWords(millis)}`;
}

function two(large, largeUnit, small, smallUnit) {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit} ${small}${smallUnit}`;
}

function trimmed(number) {
  return String(Number(number.toFixed(1)));
}

const EARLIEST = DAY;
const LATEST = 7 * DAY;
const NOW_AT = 0.33;
/** Half the width of a mark's point. */
const POINT = 0.006;
/** Below this the axis is nearly linear, so that "now" is not infinitely wide. */
const SOFT = 4 * SECOND;

function log(length) {
  return Math.log1p(length / SOFT);
}

/** The place of a time on the axis, 0 (a day late, or more) over 0.33 (now) to 1 (in a week, or later). */
export function axisPlace(millisFromNow) {
  if (millisFromNow < 0) {
    return NOW_AT * (1 - Math.min(1, log(-millisFromNow) / log(EARLIEST)));
  }
  return NOW_AT + (1 - NOW_AT) * Math.min(1, log(millisFromNow) / log(LATEST));
}

/** The marks of the axis. Where there is little room, those that are `minor` or `tight` (too near to the next one) have no words. */
export const AXIS = [
  {at: -DAY, label: '1d late'},
  {at: -HOUR, label: '1h', tight: true},
  {at: -5 * MINUTE, label: '5m', minor: true},
  {at: -10 * SECOND, label: '10s', minor: true},
  {at: 0, label: 'now', now: true},
  {at: 10 * SECOND, label: '10s', minor: true},
  {at: MINUTE, label: '1m'},
  {at: 10 * MINUTE, label: '10m', minor: true},
  {at: HOUR, label: '1h'},
  {at: 6 * HOUR, label: '6h', minor: true},
  {at: DAY, label: '1d', tight: true},
  {at: 7 * DAY, label: 'in 7d'},
];

/**
 * Puts marks into rows of the axis so that no mark covers the words of another.
 *
 * @param marks each with `place` (0 to 1), `width` (its words and point, as a part of the axis) and `weight`: the heaviest choose first
 * @param rows how many there are; a mark without room for its words is `bare`, and one without any room counts as `more` of the one that it would cover
 */
export function arrange(marks, rows) {
  const placed = [];
  for (const mark of [...marks].sort((a, b) => b.weight - a.weight || a.place - b.place)) {
    const found = placeOne(mark, placed, rows);
    if (found === null) {
      placed.find((other) => other.row === rows - 1 && other.from < mark.place + POINT && mark.place - POINT < other.to).more++;
    } else {
      placed.push({...found, more: 0});
    }
  }
  return placed;
}

function placeOne(mark, placed, rows) {
  const wide = (from, width) => ({from, to: from + width});
  const clashes = (row, span) => placed.some((other) => other.row === row && other.from < span.to && span.from < other.to);
  // Words that would run over the end, or over now, stand on the left.
  const crosses = mark.place < NOW_AT && mark.place + mark.width > NOW_AT && mark.place - mark.width > 0;
  const left = crosses || mark.place + mark.width > 1;
  const span = left ? wide(mark.place - mark.width, mark.width + 0.01) : wide(mark.place - 0.008, mark.width);
  for (let row = 0; row < rows; row++) {
    if (!clashes(row, span)) {
      return {...mark, ...span, row, left, bare: false};
    }
  }
  const point = wide(mark.place - POINT, 2 * POINT);
  for (let row = 0; row < rows; row++) {
    if (!clashes(row, point)) {
      return {...mark, ...point, row, left, bare: true};
    }
  }
  return null;
}
