/** The Tasks of a queue by state, with a search by name or label, what failed Tasks have in common, and actions on chosen rows. */

import * as actions from './actions.js';
import {Api} from './api.js';
import {alike} from './buckets.js';
import {h} from './dom.js';
import {count, plural, time} from './format.js';
import {actionButton, chip, choice, empty, helpLink, loading, table, taskLink, when} from './parts.js';
import {PAGE, Rows, sample} from './rows.js';
import {BatchRows} from './batchlist.js';

const STATES = [
  [null, 'All', null], ['Scheduled', 'Scheduled', 'scheduled'], ['Queued', 'Queued', 'queued'], ['Dispatching', 'In flight', 'dispatching'],
  ['BackingOff', 'Backing off', 'backingOff'], ['Failed', 'Failed', 'failed'], ['Succeeded', 'Succeeded', 'succeeded'],
];
const ALIKE = 2_000;
/** States of which it is told what their Tasks have in common. */
const SAMPLED = new Set(['Failed', 'BackingOff']);

export class TaskList {
  #rows = null;
  #key = '';
  #running = false;
  #chosen = new Set();
  #alike = null;
  #batches;

  constructor(page, namespace, queue) {
    this.page = page;
    this.namespace = namespace;
    this.queue = queue;
    this.path = Api.collection('tasks', namespace);
    this.#batches = new BatchRows(page, [namespace], queue);
  }

  start() {
    this.#running = true;
    (this.#showsBatches ? this.#batches : this.#rows)?.start();
  }

  stop() {
    this.#running = false;
    this.#rows?.stop();
    this.#batches.stop();
  }

  get #showsBatches() {
    return this.#key === 'batches';
  }

  /** Reads what the address asks for. */
  #choose(route) {
    const {query} = route;
    const key = query.get('show') === 'batches' ? 'batches' : ['state', 'label', 'name'].map((name) => query.get(name) ?? '').join('\n');
    if (key === this.#key && (this.#rows || this.#showsBatches)) {
      return;
    }
    this.#key = key;
    this.#chosen.clear();
    this.#alike = null;
    this.#rows?.stop();
    this.#batches.stop();
    if (!this.#showsBatches) {
      const selectors = [`spec.queueRef.name=${this.queue}`];
      if (query.get('state')) {
        selectors.push(`status.state=${query.get('state')}`);
      }
      if (query.get('name')) {
        selectors.push(`metadata.name=${query.get('name')}`);
      }
      this.#rows = new Rows(this.page.api, this.path, {fieldSelector: selectors.join(','), labelSelector: query.get('label') ?? ''}, this.page.changed);
      if (SAMPLED.has(query.get('state'))) {
        this.#readAlike(this.#rows, query);
      }
    }
    if (this.#running) {
      this.start();
    }
  }

  async #readAlike(rows, query) {
    try {
      const [read, batches] = await Promise.all([sample(this.page.api, this.path, rows.query, ALIKE), this.#failedBatches(query)]);
      if (this.#rows === rows) {
        this.#alike = {batches, groups: alike(read.rows.map((row) => ({code: row.Code, reason: row.Reason, name: row.Name}))), whole: read.whole, number: read.rows.length};
        this.page.changed();
      }
    } catch {
      // The list itself says what the server refuses.
    }
  }

  /** How many batches of the queue have failed, which are no rows here; null where nobody asks, or it may not be read. */
  async #failedBatches(query) {
    if (query.get('state') !== 'Failed' || query.get('label') || query.get('name')) {
      return null;
    }
    try {
      const selector = {fieldSelector: `spec.queueRef.name=${this.queue},status.state=Failed`};
      const {rows, whole} = await sample(this.page.api, Api.collection('taskbatches', this.namespace), selector, ALIKE);
      return {number: rows.length, whole};
    } catch {
      return null;
    }
  }

  render(route, queue, figure, now) {
    this.#choose(route);
    const state = route.query.get('state');
    const search = route.query.get('label') ?? route.query.get('name') ?? '';
    const succeeded = queue?.status?.stats?.succeededRetained ?? null;
    const numbers = figure ? {...figure, succeeded} : {};
    return h('section', {key: 'tasks', 'aria-labelledby': 'tasks-title'},
      h('div', {class: 'bar-line'},
        h('h2', {id: 'tasks-title'}, this.#showsBatches ? 'Batches' : 'Tasks'),
        h('div', {class: 'choices', role: 'group', 'aria-label': 'Tasks by state'},
          STATES.map(([value, label, name]) => choice(label, name === null ? null : numbers[name] ?? null, !this.#showsBatches && value === state, () => this.page.go({state: value, show: null}))),
          choice('Batches', null, this.#showsBatches, () => this.page.go({show: 'batches', state: null, label: null, name: null}))),
        this.#showsBatches ? null : h('form', {class: 'search-form', role: 'search', onsubmit: (event) => this.#search(event)},
          h('input', {type: 'search', name: 'search', class: 'search', 'aria-label': 'A Task’s exact name, or a label such as order=4711', placeholder: 'Name, or label as order=4711   /', value: search, onsearch: (event) => this.#search(event)}))),
      this.#showsBatches ? this.#batches.render(now) : [this.#common(state), this.#selection(queue), this.#table(state, search, now)]);
  }

  #search(event) {
    event.preventDefault();
    const text = (event.target.value ?? new FormData(event.target).get('search')).trim();
    const isLabel = /[=!,() ]/.test(text);
    this.page.go({label: isLabel ? text : null, name: !isLabel && text ? text : null});
  }

  #common(state) {
    if (!SAMPLED.has(state) || !this.#alike || (this.#alike.groups.length === 0 && !this.#alike.batches?.number)) {
      return null;
    }
    return h('div', {key: 'alike', class: 'alike', role: 'group', 'aria-label': 'What they have in common'},
      this.#alike.groups.slice(0, 6).map((group) => h('div', {class: 'card', key: `${group.code} ${group.reason}`},
        h('b', null, count(group.number)), group.code ? ` answered ${group.code}` : ' got no answer', h('small', null, group.reason, ' ', helpLink(group.reason)),
        h('small', null, 'such as ', h('a', {href: taskLink(this.namespace, group.example)}, group.example)),
        h('span', {class: 'bar', 'aria-hidden': 'true'}, h('i', {class: state === 'Failed' ? 'failed' : 'backingOff', style: {width: `${(100 * group.number) / this.#alike.number}%`}})))),
      this.#batchesToo(),
      this.#alike.whole ? null : h('p', {class: 'faint'}, `Counted over the first ${count(this.#alike.number)} by name.`));
  }

  /** The queue counts batches that failed as well, which are no rows here. */
  #batchesToo() {
    const {batches, groups} = this.#alike;
    if (!batches?.number) {
      return null;
    }
    const link = h('a', {href: '#', onclick: (event) => {
      event.preventDefault();
      this.page.go({show: 'batches', state: null, label: null, name: null});
    }}, `${batches.whole ? '' : 'at least '}${plural(batches.number, 'batch', 'batches')}`);
    const one = batches.number === 1;
    return h('p', {class: 'faint'}, groups.length > 0 ? ['And ', link, ' that failed.'] : ['No Task has failed, but ', link, one ? ' has.' : ' have.']);
  }

  #selection(queue) {
    const names = [...this.#chosen].filter((name) => this.#rows.rows?.some((row) => row.Name === name));
    if (names.length === 0) {
      return null;
    }
    const {page, namespace} = this;
    const after = {after: () => {
      this.#chosen.clear();
      this.#rows.refresh();
    }};
    const act = (build) => ({build: () => ({...build(), ...after})});
    const deadLetter = queue?.spec?.deadLetter?.queueRef?.name;
    const now = page.api.serverNow();
    return h('div', {key: 'selection', class: 'selection', role: 'group', 'aria-label': 'Chosen Tasks'}, h('b', null, `${plural(names.length, 'Task')} chosen`),
      actionButton(page, 'Run now …', actions.runNow(namespace, names, now), act(() => actions.runNow(namespace, names, page.api.serverNow()))),
      actionButton(page, 'Redrive …', actions.redrive(namespace, names, now, deadLetter), act(() => actions.redrive(namespace, names, page.api.serverNow(), deadLetter))),
      actionButton(page, 'Delete …', actions.cancel(namespace, names), {kind: 'danger', ...act(() => actions.cancel(namespace, names))}),
      h('button', {type: 'button', class: 'plain', onclick: () => {
        this.#chosen.clear();
        page.changed();
      }}, 'Choose none'));
  }

  #table(state, search, now) {
    const list = this.#rows;
    if (list.rows === null) {
      return list.error ? this.page.refused(list.error) : loading('Reading Tasks …');
    }
    const problem = list.error ? h('p', {key: 'problem', class: 'banner warn', role: 'status'}, `Not read again: ${list.error.message}`) : null;
    if (list.rows.length === 0) {
      return [problem, search ? empty('No Task fits', 'Names are found as a whole only, and labels as order=4711: the API can do no more.') : empty(state === null ? 'No Tasks here' : 'None of these now', 'What comes is shown within a few seconds.')];
    }
    const all = list.rows.every((row) => this.#chosen.has(row.Name));
    const some = list.rows.some((row) => this.#chosen.has(row.Name));
    const box = h('input', {type: 'checkbox', 'aria-label': 'Choose all rows that are shown', checked: all, indeterminate: some && !all, onchange: () => {
      list.rows.forEach((row) => (all ? this.#chosen.delete(row.Name) : this.#chosen.add(row.Name)));
      this.page.changed();
    }});
    const columns = [{title: '', head: box, class: 'box'}, {title: 'Task', class: 'name'}, {title: 'State'}, {title: 'Attempts', class: 'number'}, {title: 'Code', class: 'number'}, {title: 'Next', class: 'wide'}, {title: 'Reason', class: 'wide'}, {title: 'Age', class: 'age'}];
    return [problem, table('Tasks, by name', columns, list.rows.map((row) => ({key: row.Name, class: this.#chosen.has(row.Name) ? 'chosen' : '', cells: this.#cells(row, now)}))),
      h('p', {key: 'more', class: 'more'}, `${plural(list.rows.length, 'Task')} by name${list.hasMore ? `, ${list.more > 0 ? `${count(list.more)} ` : ''}more. ` : '.'}`, list.hasMore ? h('button', {type: 'button', onclick: () => list.readMore()}, `${PAGE} more`) : null)];
  }

  #cells(row, now) {
    const next = time(row.Next);
    const bad = row.Code >= 300;
    return [
      h('input', {type: 'checkbox', 'aria-label': `Choose ${row.Name}`, checked: this.#chosen.has(row.Name), onchange: () => {
        this.#chosen.has(row.Name) ? this.#chosen.delete(row.Name) : this.#chosen.add(row.Name);
        this.page.changed();
      }}),
      h('a', {href: taskLink(this.namespace, row.Name), 'data-row': true}, h('b', null, row.Name)),
      chip(row.State ?? 'Pending'),
      count(row.Attempts ?? 0),
      row.Code ? h('span', {class: bad ? 'bad-text' : 'good-text'}, h('b', null, row.Code)) : row.Attempts ? h('span', {class: 'faint'}, '–') : '',
      next === null ? '' : when(next, now),
      row.Reason === row.State ? '' : row.Reason ?? '',
      h('span', {class: 'faint'}, row.Age ?? ''),
    ];
  }
}
