/** Counts due times for the histogram. Pure. */

import {DAY, HOUR, MINUTE, SECOND} from './span.js';

const WIDTHS = [
  SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY,
];
const MOST = 60;
const LEAST_RANGE = MINUTE;
/** So many hours are shown at least, so that one hour is a bar among others. */
const LEAST_HOURS = 12;

/**
 * Counts times into at most about 60 buckets of a round width.
 *
 * @param due each with `at` (milliseconds) and `retry`
 * @return `width` and `list` of `{from, first, retry}`, ends with the last time; null without any time after now
 */
export function buckets(due, now) {
  const ahead = due.filter((each) => each.at >= now);
  if (ahead.length === 0) {
    return null;
  }
  const end = ahead.reduce((latest, each) => Math.max(latest, each.at), now + LEAST_RANGE);
  const width = WIDTHS.find((each) => (end - now) / each <= MOST) ?? Math.ceil((end - now) / MOST / WIDTHS.at(-1)) * WIDTHS.at(-1);
  const start = Math.floor(now / width) * width;
  const list = [];
  for (let from = start; from <= end; from += width) {
    list.push({from, first: 0, retry: 0});
  }
  for (const each of ahead) {
    const bucket = list[Math.floor((each.at - start) / width)];
    bucket[each.retry ? 'retry' : 'first']++;
  }
  return summed(list, width);
}

/** The same of `status.stats.dueByHour`: `{"2026-11-29T03:00Z": 120}`. Its hours may be weeks apart, and then a bucket takes in several. */
export function hours(dueByHour, now) {
  const times = Object.entries(dueByHour ?? {})
    .map(([hour, number]) => ({at: Date.parse(hour), number}))
    .filter((each) => !Number.isNaN(each.at) && each.at + HOUR > now);
  if (times.length === 0) {
    return null;
  }
  const start = Math.floor(now / HOUR) * HOUR;
  const end = times.reduce((latest, each) => Math.max(latest, each.at), start + (LEAST_HOURS - 1) * HOUR);
  const width = WIDTHS.find((each) => each >= HOUR && (end - start) / each <= MOST) ?? Math.ceil((end - start) / MOST / HOUR) * HOUR;
  const list = [];
  for (let from = start; from <= end; from += width) {
    list.push({from, first: 0, retry: 0});
  }
  for (const each of times) {
    list[Math.floor((each.at - start) / width)].first += each.number;
  }
  return summed(list, width);
}

function summed(list, width) {
  const size = (bucket) => bucket.first + bucket.retry;
  const peak = list.reduce((highest, bucket) => (size(bucket) > size(highest) ? bucket : highest), list[0]);
  return {width, list, peak, highest: size(peak), total: list.reduce((sum, bucket) => sum + size(bucket), 0)};
}

/** About six marks below the histogram: the index of the bucket, and its time. */
export function marks(counted) {
  const steps = WIDTHS.filter((each) => each >= counted.width);
  const range = counted.list.length * counted.width;
  const step = steps.find((each) => range / each <= 7) ?? Math.ceil(range / 7 / counted.width) * counted.width;
  // Days begin at midnight by the machine's clock, and so do the marks.
  const shift = new Date(counted.list[0].from).getTimezoneOffset() * MINUTE;
  return counted.list.flatMap((bucket, index) => ((bucket.from - shift) % step === 0 && index > 0 ? [{index, at: bucket.from}] : []));
}

/** What failed Tasks have in common: pairs of code and reason with how many and the first one's name, the largest first. */
export function alike(rows) {
  const groups = new Map();
  for (const row of rows) {
    const key = `${row.code ?? ''} ${row.reason ?? ''}`;
    const group = groups.get(key) ?? {code: row.code ?? null, reason: row.reason ?? '', number: 0, example: row.name ?? null};
    group.number++;
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.number - a.number);
}
