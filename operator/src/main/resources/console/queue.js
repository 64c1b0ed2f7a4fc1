/** The page of one queue: what it does, what its Tasks wait for, when they are due, and its Tasks themselves. */

import * as actions from './actions.js';
import {Api} from './api.js';
import {buckets, hours} from './buckets.js';
import {condition, concerns, figures, notInForce, settings, stateOf} from './concerns.js';
import {h} from './dom.js';
import {histogram} from './histogram.js';
import {clock, count, localTimes, plural, rate, short, time, withoutSection} from './format.js';
import {Live} from './live.js';
import {actionButton, banner, chip, crumbs, fillBar, helpLink, loading, queueLink, splitBar, taskLink, tile, when} from './parts.js';
import {remedy} from './reasons.js';
import {oldest, sample} from './rows.js';
import {DAY, HOUR, relative, words} from './span.js';
import {TaskList} from './tasklist.js';

const SAMPLE = 2_000;
const SAMPLE_EVERY = 60_000;

export class QueuePage {
  #due = null;
  #dueAt = -Infinity;
  #oldest = null;
  #oldestAt = -Infinity;
  #aborted = null;

  constructor(page, [namespace, name]) {
    this.page = page;
    this.namespace = namespace;
    this.name = name;
    this.title = name;
    this.live = new Live(page.api, Api.collection('taskqueues', namespace), {fieldSelector: `metadata.name=${name}`}, page.changed);
    this.list = new TaskList(page, namespace, name);
  }

  start() {
    this.live.start();
    this.list.start();
    this.#aborted = new AbortController();
  }

  stop() {
    this.live.stop();
    this.list.stop();
    this.#aborted?.abort();
  }

  get state() {
    return this.live.state;
  }

  /** Counts due times, at most once a minute. */
  async #readDue(now) {
    if (this.#aborted === null || now - this.#dueAt < SAMPLE_EVERY) {
      return;
    }
    this.#dueAt = now;
    const {signal} = this.#aborted;
    const path = Api.collection('tasks', this.namespace);
    try {
      const parts = await Promise.all(['Scheduled', 'BackingOff'].map(async (state) => {
        const selector = `spec.queueRef.name=${this.name},status.state=${state}`;
        const read = await sample(this.page.api, path, {fieldSelector: selector}, SAMPLE, signal);
        return {whole: read.whole, due: read.rows.map((row) => ({at: time(row.Next), retry: state === 'BackingOff'})).filter((each) => each.at !== null)};
      }));
      this.#due = {due: parts.flatMap((part) => part.due), whole: parts.every((part) => part.whole)};
      this.page.changed();
    } catch {
      // The list of Tasks says what the server refuses. A page that nobody has seen meanwhile reads again when it is seen.
      if (signal.aborted) {
        this.#dueAt = -Infinity;
      }
    }
  }

  /** Looks for the Task that waits longest in a queue that is stopped, at most once a minute. The API cannot sort. */
  async #readOldest(now) {
    if (this.#aborted === null || now - this.#oldestAt < SAMPLE_EVERY) {
      return;
    }
    this.#oldestAt = now;
    const {signal} = this.#aborted;
    try {
      const read = await sample(this.page.api, Api.collection('tasks', this.namespace), {fieldSelector: `spec.queueRef.name=${this.name},status.state=Queued`}, SAMPLE, signal, 'Metadata');
      this.#oldest = oldest(read.rows, read.whole);
      this.page.changed();
    } catch {
      if (signal.aborted) {
        this.#oldestAt = -Infinity;
      }
    }
  }

  render(route) {
    const now = this.page.api.serverNow();
    const queue = this.live.objects.get(`${this.namespace}/${this.name}`);
    if (!queue) {
      return this.#absent(route);
    }
    const figure = figures(queue);
    if (['Held', 'Paused'].includes(stateOf(queue)) && figure.queued > 0) {
      this.#readOldest(now);
    }
    return [
      crumbs(this.namespace),
      h('div', {key: 'head', class: 'head'}, h('h1', null, this.name), chip(stateOf(queue)), this.#buttons(queue, figure, now)),
      banners(queue, figure, figure.queued > 0 ? this.#oldest : null, now),
      tiles(queue, figure, now),
      waits(queue, figure),
      this.#dueTimes(queue, now),
      this.list.render(route, queue, figure, now),
      h('details', {key: 'settings', class: 'card settings'}, h('summary', null, 'Settings in words'), h('dl', {class: 'pairs'}, settings(queue).flatMap(([term, sentence]) => [h('dt', null, term), h('dd', null, sentence)]))),
    ];
  }

  #absent(route) {
    if (this.live.state.phase === 'refused') {
      return [crumbs(this.namespace), this.page.refused(this.live.state.error)];
    }
    if (!this.live.isRead) {
      return loading('Reading the queue …');
    }
    return [crumbs(this.namespace), h('h1', null, this.name), banner('warn', 'No such queue', `${this.namespace}/${this.name} does not exist. Tasks that name it wait until somebody creates it. `, helpLink('QueueNotFound')), this.list.render(route, null, null, this.page.api.serverNow())];
  }

  #buttons(queue, figure, now) {
    const {page} = this;
    const state = stateOf(queue);
    const held = queue.metadata.annotations?.['taskqueue.dev/hold'] !== undefined;
    const holdFields = [
      {name: 'why', label: 'Why, and who holds it', hint: 'Anna: moving the database'},
      {name: 'length', label: 'For how long', value: '14400000', options: [['3600000', '1 hour'], ['14400000', '4 hours'], ['86400000', '24 hours'], ['', 'until somebody releases it']]},
    ];
    return h('div', {class: 'buttons', role: 'group', 'aria-label': 'Actions'},
      held || state === 'Held'
        ? actionButton(page, 'Release …', actions.release(queue, figure), {kind: 'primary'})
        : actionButton(page, 'Hold …', actions.hold(queue, '', null), {fields: holdFields, build: ({why, length}) => actions.hold(queue, why, length ? page.api.serverNow() + Number(length) : null)}),
      queue.spec?.state === 'Paused' ? actionButton(page, 'Resume …', actions.resume(queue, figure), {kind: 'primary'}) : actionButton(page, 'Pause …', actions.pause(queue)),
      actionButton(page, 'Redrive failed …', actions.redriveQueue(queue, figure, now), {off: figure.failed === 0 ? 'Nothing has failed here.' : null, build: () => actions.redriveQueue(queue, figure, page.api.serverNow())}),
      actionButton(page, 'Purge …', actions.purge(queue, figure, now), {kind: 'danger', off: figure.tasks === 0 ? 'No Task waits here.' : null, build: () => actions.purge(queue, figure, page.api.serverNow())}));
  }

  #dueTimes(queue, now) {
    // Where the status counts by the hour, no Task is listed for it.
    const exact = hours(queue.status?.stats?.dueByHour, now);
    // A queue in which nothing is due later has no hours, and says so by dueLater.
    const told = queue.status?.stats?.dueLater !== undefined;
    if (!told) {
      this.#readDue(now);
    }
    const counted = told ? exact : this.#due && buckets(this.#due.due, now);
    if (!counted) {
      return null;
    }
    const later = queue.status?.stats?.dueLater ?? 0;
    const note = told ? `${plural(counted.total + later, 'Task')}${later > 0 ? `, ${count(later)} of them later` : ''}`
      : this.#due.whole ? plural(counted.total, 'Task') : `a sample: the first ${count(SAMPLE)} by name`;
    return histogram(counted, note, now);
  }
}

function banners(queue, figure, first, now) {
  const state = stateOf(queue);
  const annotations = queue.metadata.annotations ?? {};
  const list = [];
  const ready = condition(queue, 'Ready');
  if (ready?.status === 'False') {
    list.push(banner('bad', 'Nothing is dispatched.', localTimes(withoutSection(ready.message), now), ' ', helpLink(ready.reason)));
  }
  const behind = notInForce(queue);
  if (behind) {
    list.push(banner('warn', 'Not in force yet.', `The last change of the spec (generation ${behind.wanted}) is not seen by the operator; generation ${behind.seen} counts.`));
  }
  if (state === 'Held' || state === 'Paused') {
    const stopped = condition(queue, 'Paused');
    const since = time(stopped?.lastTransitionTime);
    const until = time(annotations['taskqueue.dev/hold-until']);
    list.push(banner('warn', state === 'Held' ? 'On hold' : 'Paused',
      since === null ? '' : [state === 'Held' && queue.spec?.state === 'Paused' ? 'and paused by its spec, stopped ' : '', 'for ', h('b', null, words(now - since)), ', since ', clock(since, now), '. '],
      state === 'Held' ? [annotations['taskqueue.dev/hold'] ?? '', until === null ? '' : [' · ends ', when(until, now)], '. '] : 'By its spec. ',
      figure.queued > 0 ? `${plural(figure.queued, 'Task')} ${figure.queued === 1 ? 'is' : 'are'} due and ${figure.queued === 1 ? 'waits' : 'wait'}. ` : '',
      first === null ? '' : [`The oldest${first.of === null ? '' : ` of the first ${count(first.of)} by name`} is `, h('a', {href: taskLink(queue.metadata.namespace, first.name)}, first.name), ', created ', when(first.created, now), '.']));
  }
  const throttled = condition(queue, 'Throttled');
  if (throttled?.status === 'True') {
    list.push(banner('warn', 'Slowed down.', localTimes(withoutSection(throttled.message), now), ' ', helpLink('Overloaded')));
  }
  for (const [what, title] of [['purge', 'Purge'], ['redrive', 'Redrive']]) {
    const progress = queue.status?.[what];
    if (progress && !progress.completionTime && progress.remaining > 0) {
      list.push(banner('plain', `${title} goes on:`, `${count(progress.remaining)} to go.`));
    }
  }
  const concern = concerns(queue, now).find((each) => each.kind === 'failing');
  if (concern) {
    list.push(banner('warn', 'Attempts fail.', `${concern.text.replace(/^attempts fail: /, '')} until their next attempt. `, h('a', {href: queueLink(queue.metadata.namespace, queue.metadata.name, '?state=BackingOff')}, 'See what they were answered')));
  }
  const behindText = concerns(queue, now).find((concern) => concern.kind === 'behind');
  if (behindText) {
    list.push(banner('warn', 'Behind.', `${behindText.text.replace(/^behind by /, 'The oldest Task is late by ')}. `, helpLink('Queued')));
  }
  return list.length === 0 ? null : h('div', {key: 'banners', class: 'banners'}, list);
}

function tiles(queue, figure, now) {
  const waiting = figure.queued + figure.scheduled + figure.backingOff;
  const slowed = figure.enforced < figure.rate * 0.999;
  const failedKept = queue.spec?.retention?.failed ?? '168h';
  return h('dl', {class: 'tiles six', 'aria-label': 'In numbers'},
    tile('Waiting', short(waiting), waiting === 0 ? 'nothing waits' : `${count(figure.queued)} due`, {bar: splitBar({...figure, dispatching: 0})}),
    tile('Oldest due', figure.oldest === null ? '–' : relative(figure.oldest - now), figure.oldest === null ? 'nothing is due' : when(figure.oldest, now, () => new Date(figure.oldest).toLocaleString('en-GB', {weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit'}))),
    tile('Rate', [`${rate(slowed ? figure.enforced : figure.rate)}`, h('small', null, '/s')], slowed ? `slowed down from ${figure.rate}/s` : figure.burst === null ? 'burst by default' : `burst ${figure.burst}`, {tone: slowed ? 'warn' : ''}),
    tile('In flight', [count(figure.dispatching), h('small', null, ` / ${count(figure.concurrency)}`)], null, {bar: fillBar(figure.dispatching / figure.concurrency), tone: figure.dispatching >= figure.concurrency ? 'warn' : ''}),
    tile('Attempts, last minute', short(figure.lastMinute), `${Number((figure.lastMinute / 60).toPrecision(2))}/s`),
    tile('Failed, kept', figure.failed > 0 ? h('a', {href: queueLink(queue.metadata.namespace, queue.metadata.name, '?state=Failed'), title: 'What they have in common'}, short(figure.failed)) : short(figure.failed), `for ${/^\d+h$/.test(failedKept) && parseInt(failedKept, 10) * HOUR >= 2 * DAY ? words(parseInt(failedKept, 10) * HOUR) : failedKept}`, {tone: figure.failed > 0 ? 'bad' : ''}));
}

function waits(queue, figure) {
  const reasons = Object.entries(figure.waiting).sort((a, b) => b[1] - a[1]);
  if (reasons.length === 0) {
    return null;
  }
  const blocked = condition(queue, 'Blocked');
  return h('section', {key: 'waits', class: 'card waits', 'aria-labelledby': 'waits-title'},
    h('h2', {id: 'waits-title'}, 'What Tasks wait for'),
    blocked?.status === 'True' ? h('p', null, withoutSection(blocked.message)) : null,
    h('ul', null, reasons.map(([reason, number]) => h('li', {key: reason}, h('b', null, `${count(number)} `), h('code', null, reason), ' ', h('span', {class: 'faint'}, remedy(reason)), ' ', helpLink(reason, 'More')))));
}

