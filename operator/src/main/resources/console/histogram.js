/** The figure of due times. */

import {marks} from './buckets.js';
import {h} from './dom.js';
import {clock, count, day, plural} from './format.js';
import {DAY, relative, words} from './span.js';

export function histogram(counted, note, now) {
  const top = Math.max(1, counted.highest);
  const retries = counted.list.some((bucket) => bucket.retry > 0);
  const label = (at) => (counted.width >= DAY || counted.list.length * counted.width > 3 * DAY ? day(at) : clock(at).slice(0, counted.width < 60_000 ? 8 : 5));
  const peak = counted.highest > 0 ? `peak ${count(counted.highest)} in ${words(counted.width)}, ${counted.peak.from <= now ? 'now' : relative(counted.peak.from - now)}` : '';
  return h('section', {key: 'histogram', class: 'card histogram', 'aria-labelledby': 'histogram-title'},
    h('h2', {id: 'histogram-title'}, 'Due from now on', h('small', null, note), h('small', {class: 'right'}, peak)),
    h('div', {class: 'bars', role: 'img', 'aria-label': `${plural(counted.total, 'Task')} due from now on, in steps of ${words(counted.width)}; ${peak}`},
      counted.list.map((bucket) => h('span', {class: 'column', title: `${clock(bucket.from, now)}: ${plural(bucket.first, 'first attempt')}${bucket.retry ? `, ${plural(bucket.retry, 'retry', 'retries')}` : ''}`},
        bucket.retry > 0 ? h('i', {class: 'backingOff', style: {height: `${(100 * bucket.retry) / top}%`}}) : null,
        bucket.first > 0 ? h('i', {class: 'scheduled', style: {height: `${(100 * bucket.first) / top}%`}}) : null))),
    h('div', {class: 'marks', 'aria-hidden': 'true'}, marks(counted).map((mark) => h('span', {style: {left: `${(100 * (mark.index)) / counted.list.length}%`}}, label(mark.at)))),
    retries ? h('p', {class: 'legend faint'}, h('i', {class: 'scheduled'}), ' first attempts ', h('i', {class: 'backingOff'}), ' retries') : null);
}
