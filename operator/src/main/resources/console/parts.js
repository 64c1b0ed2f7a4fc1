/** Pieces that several pages show. */

import {h} from './dom.js';
import {clock, count, exact, short} from './format.js';
import {isExplained, stateWord} from './reasons.js';
import {refusalOf} from './rights.js';
import {relative} from './span.js';

/** States by the look of their mark; others look plain. */
const LOOKS = {
  Running: 'ok', Succeeded: 'ok', Paused: 'paused', Held: 'held', Invalid: 'bad', Failed: 'bad',
  Scheduled: 'scheduled', Queued: 'queued', Dispatching: 'flight', BackingOff: 'backing', Pending: 'plain', Finishing: 'flight', New: 'plain',
};

export function chip(state) {
  return h('span', {class: `chip ${LOOKS[state] ?? 'plain'}`}, h('i', {'aria-hidden': 'true'}), stateWord(state));
}

export function tile(label, value, note, {tone = '', bar = null} = {}) {
  return h('div', {class: `tile ${tone}`}, h('dt', null, label), h('dd', null, h('span', {class: 'value'}, value), note ? h('span', {class: 'note'}, note) : null, bar));
}

export const SPLIT = [['dispatching', 'in flight'], ['queued', 'queued'], ['backingOff', 'backing off'], ['scheduled', 'scheduled']];

/** A bar that is divided by what the Tasks do. */
export function splitBar(figures) {
  const sum = SPLIT.reduce((all, [name]) => all + figures[name], 0);
  const words = SPLIT.filter(([name]) => figures[name] > 0).map(([name, word]) => `${count(figures[name])} ${word}`).join(', ');
  return h('span', {class: 'bar', title: words || 'none'}, SPLIT.map(([name]) => figures[name] > 0
    ? h('i', {class: name, style: {'flex-grow': String(figures[name] / sum)}}) : null));
}

/** A bar that is filled to a part. */
export function fillBar(part, tone = 'dispatching') {
  return h('span', {class: 'bar', 'aria-hidden': 'true'}, part > 0 ? h('i', {class: tone, style: {width: `${Math.min(100, Math.max(1.5, part * 100))}%`, 'flex-grow': '0'}}) : null);
}

/** A time seen from now, exact on hover. */
export function when(millis, now, word = relative) {
  return millis === null ? '–' : h('time', {datetime: exact(millis), title: `${clock(millis, 0)} (${exact(millis)})`}, word(millis - now));
}

/** A button that says why it may not be used, and stays in the order of focus. */
export function actionButton(page, label, action, {kind = '', off = null, fields, build} = {}) {
  const right = action.right;
  const may = page.rights.may(...right);
  const why = may === false ? refusalOf(right) : off;
  return h('button', {
    type: 'button', class: kind, 'aria-disabled': why ? 'true' : null, title: why ?? action.says[0],
    onclick: () => (why ? page.say(why, true) : page.dialog.open(build ?? (() => action), fields)),
  }, label);
}

export function banner(tone, title, ...children) {
  return h('div', {class: `banner ${tone}`}, title ? h('b', null, title) : null, ' ', children);
}

/** "What to do", where there is something to read. */
export function helpLink(reason, words = 'What to do') {
  return isExplained(reason) ? h('a', {href: `#/help/${reason}`}, words) : null;
}

export function crumbs(namespace, queue, extra) {
  return h('nav', {class: 'crumbs', 'aria-label': 'Where you are'},
    h('a', {href: '#/'}, 'Queues'), ' / ', h('a', {href: `#/?ns=${encodeURIComponent(namespace)}`}, namespace),
    queue ? [' / ', h('a', {href: queueLink(namespace, queue)}, queue)] : null, extra ? [' / ', extra] : null);
}

export function queueLink(namespace, name, query = '') {
  return `#/queue/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}${query}`;
}

export function taskLink(namespace, name) {
  return `#/task/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

export function batchLink(namespace, name) {
  return `#/batch/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

/** A chip that chooses; it tells by `aria-pressed` whether it is chosen. */
export function choice(label, number, chosen, onclick) {
  return h('button', {type: 'button', class: 'choice', 'aria-pressed': String(chosen), onclick}, label, number === null ? null : h('span', null, ` ${short(number)}`));
}

/**
 * A table. On a narrow screen each row becomes a card, which takes the titles of columns from `data-label`.
 *
 * @param columns `{title, class?}`
 * @param rows `{key, cells, class?}`
 */
export function table(caption, columns, rows) {
  return h('div', {key: 'table', class: 'card table'}, h('table', {role: 'table'},
    h('caption', {class: 'unseen'}, caption),
    h('thead', {role: 'rowgroup'}, h('tr', {role: 'row'}, columns.map((column) => h('th', {role: 'columnheader', scope: 'col', class: column.class ?? ''}, column.head ?? column.title)))),
    h('tbody', {role: 'rowgroup'}, rows.map((row) => h('tr', {role: 'row', key: row.key, class: row.class ?? ''},
      row.cells.map((cell, index) => h('td', {role: 'cell', class: columns[index].class ?? '', 'data-label': columns[index].title}, cell)))))));
}

export function loading(words = 'Reading …') {
  return h('p', {class: 'loading', role: 'status'}, words);
}

export function empty(title, words) {
  return h('div', {key: 'empty', class: 'empty'}, h('b', null, title), h('p', null, words));
}
