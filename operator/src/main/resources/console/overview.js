/** The overview: all queues of a namespace, or of the cluster, from one list and one watch. */

import {compareRows, concerns, figures, firstDue, needsLook, stateOf} from './concerns.js';
import {h} from './dom.js';
import {count, plural, rate, short} from './format.js';
import {Live} from './live.js';
import {Api} from './api.js';
import {banner, chip, choice, empty, fillBar, helpLink, loading, queueLink, splitBar, table, taskLink, tile, when} from './parts.js';
import {Overlooked} from './overlooked.js';
import {AXIS, arrange, axisPlace, relative} from './span.js';

const ROWS = 150;
const MARKS = 80;
const AXIS_ROWS = 4;
const CHARACTER = 0.0068;
const MISSING_MOST = 3;
/** What a Task may be called. */
const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const FILTERS = [
  ['all', 'All', () => true],
  ['look', 'Need a look', (row) => needsLook(row.concerns)],
  ['Running', 'Running', (row) => row.state === 'Running'],
  ['Held', 'Held', (row) => row.state === 'Held'],
  ['Paused', 'Paused', (row) => row.state === 'Paused'],
  ['Invalid', 'Invalid', (row) => row.state === 'Invalid'],
];

export class Overview {
  title = 'Queues';
  #shown = ROWS;
  #found = [];

  /** @param namespace empty = all */
  constructor(page, namespace) {
    this.page = page;
    this.namespace = namespace;
    this.live = new Live(page.api, Api.collection('taskqueues', namespace), {}, page.changed);
    this.overlooked = new Overlooked(page.api, namespace, () => (this.live.isRead ? this.live.objects : null), page.changed);
  }

  start() {
    this.live.start();
    this.overlooked.start();
  }

  stop() {
    this.live.stop();
    this.overlooked.stop();
  }

  get state() {
    return this.live.state;
  }

  render(route) {
    const now = this.page.api.serverNow();
    if (this.live.state.phase === 'refused' && this.live.objects.size === 0) {
      return this.page.refused(this.live.state.error);
    }
    const rows = [...this.live.objects].map(([key, queue]) => rowOf(key, queue, now)).sort(compareRows);
    const notes = overlookedNotes(this.overlooked, now);
    if (rows.length === 0) {
      return this.live.isRead
        ? [h('h1', {class: 'unseen'}, 'Queues'), notes, empty('No queues here', 'Create a TaskQueue with kubectl, and it is shown at once.')]
        : loading('Reading the queues …');
    }
    return [h('h1', {class: 'unseen'}, 'Queues'), notes, tiles(rows), timeline(rows, now, this.page.narrow), this.#list(rows, route, now)];
  }

  /** Looks for Tasks of this name, and goes to the only one. */
  async #find(name) {
    try {
      const {rows} = await this.page.api.table(Api.collection('tasks', this.namespace), {fieldSelector: `metadata.name=${name}`, limit: 20}, undefined, 'Metadata');
      this.#found = rows.map((row) => ({namespace: row.metadata.namespace, name}));
      if (rows.length === 1) {
        location.hash = taskLink(this.#found[0].namespace, name);
      } else if (rows.length === 0) {
        this.page.say(`No Task is called ${name}${this.namespace ? ` in namespace ${this.namespace}` : ''}: it was never created, or it was deleted.`, true);
      }
    } catch (error) {
      this.page.say(error.message, true);
    }
    this.page.changed();
  }

  /** In the place of rows that do not fit: a way to the Task of the name that was typed. */
  #noneFits(text) {
    const found = this.#found.filter((task) => task.name === text);
    return h('div', {key: 'empty', class: 'empty'}, h('b', null, 'No queue fits'),
      NAME.test(text)
        ? [h('p', null, 'Change the filter, choose All, or look for a Task of this name.'), h('button', {type: 'button', onclick: () => this.#find(text)}, `Find the Task ${text}`)]
        : h('p', null, 'Change the filter, or choose All.'),
      found.length > 1 ? h('ul', null, found.map((task) => h('li', {key: task.namespace}, h('a', {href: taskLink(task.namespace, task.name)}, `${task.namespace}/${task.name}`)))) : null);
  }

  #list(rows, route, now) {
    const filter = FILTERS.find(([name]) => name === route.query.get('show')) ?? FILTERS[0];
    const text = (route.query.get('q') ?? '').toLowerCase();
    const found = rows.filter((row) => filter[2](row) && (text === '' || row.words.includes(text)));
    const shown = found.slice(0, this.#shown);
    return h('section', {key: 'queues', 'aria-labelledby': 'queues-title'},
      h('div', {class: 'bar-line'},
        h('h2', {id: 'queues-title'}, 'Queues'),
        h('div', {class: 'choices', role: 'group', 'aria-label': 'Which queues'}, FILTERS.map(([name, label, fits]) => {
          const number = rows.filter(fits).length;
          return number > 0 || name === filter[0] || name === 'all' || name === 'look'
            ? choice(label, number, name === filter[0], () => this.page.go({show: name === 'all' ? null : name})) : null;
        })),
        h('input', {type: 'search', class: 'search', 'aria-label': 'Filter by queue or reason, or find a Task by its name', placeholder: 'Queue, reason, or a Task’s name   /', value: route.query.get('q') ?? '', oninput: (event) => this.page.go({q: event.target.value || null}, true), onkeydown: (event) => {
          // A handler that returns false would swallow the key.
          if (event.key === 'Enter' && found.length === 0 && NAME.test(text)) {
            this.#find(text);
          }
        }})),
      found.length === 0 ? this.#noneFits(text) : table('Queues, the worst first', COLUMNS, shown.map((row) => ({key: row.key, class: row.concerns.length > 0 && row.concerns[0].look ? 'look' : '', cells: cells(row, now)}))),
      found.length > shown.length ? h('p', {key: 'more', class: 'more'}, `${count(shown.length)} of ${count(found.length)}. `, h('button', {type: 'button', onclick: () => {
        this.#shown += ROWS;
        this.page.changed();
      }}, `${Math.min(ROWS, found.length - shown.length)} more`)) : null);
  }
}

function rowOf(key, queue, now) {
  const list = concerns(queue, now);
  const figure = figures(queue);
  return {key, queue, namespace: queue.metadata.namespace, name: queue.metadata.name, state: stateOf(queue), figures: figure, due: firstDue(figure, now), concerns: list, words: `${key} ${list.map((concern) => concern.text).join(' ')}`.toLowerCase()};
}

/** What no row tells: queues that Tasks name in vain, and Tasks that no operator has seen. */
function overlookedNotes(overlooked, now) {
  const missing = overlooked.missing();
  const unseen = overlooked.unseen(now);
  if (missing.length === 0 && unseen.length === 0) {
    return null;
  }
  return h('div', {key: 'notes', class: 'banners'},
    unseen.length === 0 ? null : banner('bad', 'No operator has written about', h('a', {href: taskLink(unseen[0].namespace, unseen[0].name)}, `${unseen[0].namespace}/${unseen[0].name}`),
      `, created ${relative(unseen[0].created - now)}${unseen.length > 1 ? `, and ${unseen.length >= 20 ? 'at least ' : ''}${unseen.length - 1} more` : ''}. Does an operator run, does it lead, and may it write? `, helpLink('Pending')),
    missing.slice(0, MISSING_MOST).map((queue) => banner('warn', `${queue.more ? 'At least ' : ''}${plural(queue.tasks, 'Task')} ${queue.tasks === 1 ? 'names' : 'name'} a queue that does not exist:`,
      h('a', {href: queueLink(queue.namespace, queue.name)}, `${queue.namespace}/${queue.name}`), '. ', helpLink('QueueNotFound'))),
    missing.length > MISSING_MOST ? h('p', {class: 'faint'}, `And ${plural(missing.length - MISSING_MOST, 'other queue')} that ${missing.length - MISSING_MOST === 1 ? 'does' : 'do'} not exist.`) : null);
}

function tiles(rows) {
  const sum = (name) => rows.reduce((all, row) => all + row.figures[name], 0);
  const look = rows.filter((row) => needsLook(row.concerns)).length;
  const failed = sum('failed');
  const due = sum('queued');
  const scheduled = sum('scheduled');
  const flight = sum('dispatching');
  const backing = sum('backingOff');
  const all = {dispatching: flight, queued: due, backingOff: backing, scheduled};
  return h('dl', {class: 'tiles', 'aria-label': 'In all'},
    tile('Waiting', short(due + scheduled + backing), `${count(scheduled)} scheduled, ${count(due)} due`, {bar: splitBar(all)}),
    tile('In flight', short(flight), `${count(backing)} backing off`),
    tile('Attempts, last minute', short(sum('lastMinute')), `over ${plural(rows.length, 'queue')}`),
    tile('Failed, kept', short(failed), failed === 0 ? 'nothing to redrive' : 'can be redriven', {tone: failed > 0 ? 'bad' : ''}),
    tile('Need a look', count(look), look === 0 ? 'all is well' : `of ${plural(rows.length, 'queue')}`, {tone: look > 0 ? 'warn' : 'good'}));
}

function timeline(rows, now, narrow) {
  const due = rows.filter((row) => row.due !== null);
  if (due.length === 0) {
    return null;
  }
  const weight = (row) => (row.concerns.length > 0 ? 10 - row.concerns[0].rank : 0) * 1e9 + row.figures.tasks;
  const wide = narrow ? CHARACTER * 3 : CHARACTER;
  const marks = arrange([...due].sort((a, b) => weight(b) - weight(a)).slice(0, MARKS).map((row) => ({
    row, place: axisPlace(row.due - now), width: wide * Math.min(24, row.name.length) + 0.03, weight: weight(row),
  })).map(({row, ...rest}) => ({...rest, queue: row})), AXIS_ROWS);
  return h('section', {key: 'timeline', class: 'card timeline', 'aria-labelledby': 'due-title'},
    h('h2', {id: 'due-title'}, 'Next due', h('small', null, due.length > MARKS ? `the first unfinished Task of ${MARKS} of ${count(due.length)} queues` : 'the first unfinished Task of each queue')),
    h('div', {class: 'axis'},
      h('div', {class: 'late', style: {width: `${axisPlace(0) * 100}%`}}),
      AXIS.map((mark) => h('span', {class: `tick ${mark.now ? 'now' : ''} ${mark.minor ? 'minor' : ''} ${mark.tight ? 'tight' : ''}`, style: {left: `${axisPlace(mark.at) * 100}%`}}, h('span', null, mark.label))),
      marks.map((mark) => point(mark, now))));
}

function point({queue: row, place, row: line, left, bare, more}, now) {
  const stopped = row.state === 'Paused' || row.state === 'Held';
  const look = row.concerns.some((concern) => concern.look);
  const late = row.due < now;
  return h('a', {
    key: row.key, href: queueLink(row.namespace, row.name), class: `point ${stopped ? 'stopped' : look ? 'look' : ''} ${left ? 'left' : ''}`,
    style: {left: `${place * 100}%`, top: `${6 + line * 18}px`}, title: `${row.key}: due ${relative(row.due - now)}${more > 0 ? `, and ${plural(more, 'other queue')} near it` : ''}`, tabindex: '-1',
  }, h('i', {'aria-hidden': 'true'}), h('span', {class: bare ? 'unseen' : ''}, row.name, more > 0 ? h('span', {class: 'faint'}, ` +${more}`) : null, h('span', {class: 'unseen'}, late ? ', late' : '')));
}

const COLUMNS = [
  {title: 'Queue', class: 'name'}, {title: 'State'}, {title: 'Tasks', class: 'number'}, {title: 'Oldest due'}, {title: 'In flight', class: 'number'},
  {title: 'Rate', class: 'number'}, {title: 'Last min', class: 'number'}, {title: 'Failed', class: 'number'}, {title: 'Why', class: 'why'},
];

function cells(row, now) {
  const figure = row.figures;
  const slowed = figure.enforced < figure.rate * 0.999;
  const late = figure.oldest !== null && now - figure.oldest > 60_000 && row.state === 'Running';
  return [
    h('a', {href: queueLink(row.namespace, row.name), 'data-row': true}, h('span', {class: 'faint'}, `${row.namespace}/`), h('b', null, row.name)),
    chip(row.state),
    [h('span', {class: figure.tasks === 0 ? 'faint' : ''}, short(figure.tasks)), figure.tasks > 0 ? splitBar(figure) : null],
    h('span', {class: late ? 'warn-text' : row.due === null ? 'faint' : ''}, when(row.due, now)),
    [h('span', {class: 'faint'}, h('span', {class: figure.dispatching > 0 ? 'strong' : ''}, count(figure.dispatching)), ` of ${count(figure.concurrency)}`), figure.dispatching > 0 ? fillBar(figure.dispatching / figure.concurrency) : null],
    slowed ? h('span', {class: 'warn-text', title: `slowed down from ${figure.rate}/s`}, `↓ ${rate(figure.enforced)}/s`) : `${rate(figure.rate)}/s`,
    h('span', {class: figure.lastMinute === 0 ? 'faint' : ''}, short(figure.lastMinute)),
    figure.failed > 0 ? h('a', {class: 'bad-text', href: queueLink(row.namespace, row.name, '?state=Failed')}, h('b', null, short(figure.failed))) : h('span', {class: 'faint'}, '0'),
    why(row.concerns),
  ];
}

function why(list) {
  return list.length === 0 ? h('span', {class: 'faint'}, '') : [
    list.slice(0, 2).map((concern) => h('span', {class: `concern ${concern.kind}`}, concern.text)),
    list.length > 2 ? h('span', {class: 'faint', title: list.slice(2).map((concern) => concern.text).join('\n')}, `+${list.length - 2}`) : null,
  ];
}
