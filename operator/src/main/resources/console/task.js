/** The page of one Task: what it waits for or how it ended, its story and its request. */

import * as actions from './actions.js';
import {keeps} from './concerns.js';
import {h} from './dom.js';
import {bytes, clock, count, exact, time} from './format.js';
import {ObjectPage} from './objectpage.js';
import {actionButton, banner, chip, crumbs, helpLink, queueLink, taskLink, when} from './parts.js';
import {relative} from './span.js';
import {deadLetterName, story, verdict} from './story.js';

const ENDED = new Set(['Succeeded', 'Failed']);

export class TaskPage extends ObjectPage {
  #body = false;

  constructor(page, place) {
    super(page, place, 'tasks', 'Task');
  }

  show(task, queueName, state, now) {
    return [
      crumbs(this.namespace, queueName),
      h('div', {key: 'head', class: 'head'}, h('h1', null, this.name), chip(state), this.#buttons(task, state, now)),
      this.#banners(task, state, now),
      h('div', {key: 'columns', class: 'columns'}, this.#story(task, now), h('div', {class: 'stack'}, this.#request(task), this.#object(task))),
    ];
  }

  #buttons(task, state, now) {
    const {page, namespace, name} = this;
    const deadLetter = this.queue.object?.spec?.deadLetter?.queueRef?.name;
    return h('div', {class: 'buttons', role: 'group', 'aria-label': 'Actions'},
      actionButton(page, 'Run now …', actions.runNow(namespace, [name], now), {off: ENDED.has(state) ? 'It has ended.' : state === 'Dispatching' ? 'It is in flight.' : null, build: () => actions.runNow(namespace, [name], page.api.serverNow())}),
      actionButton(page, 'Redrive …', actions.redrive(namespace, [name], now, deadLetter), {kind: state === 'Failed' ? 'primary' : '', off: state === 'Failed' ? null : 'It has not failed.', build: () => actions.redrive(namespace, [name], page.api.serverNow(), deadLetter)}),
      actionButton(page, 'Delete …', actions.cancel(namespace, [name]), {kind: 'danger'}));
  }

  #banners(task, state, now) {
    const said = verdict(task, now);
    const letter = deadLetterName(said.text);
    const [before, after] = letter === null ? [said.text, ''] : said.text.split(letter);
    const queue = this.queue.object;
    const kept = queue && !ENDED.has(state) ? keeps(queue, now) : null;
    return h('div', {key: 'banners', class: 'banners'},
      banner(said.tone, said.reason, before, letter === null ? null : h('a', {href: taskLink(this.namespace, letter)}, letter), after, ' ', state === 'Succeeded' ? null : helpLink(said.reason)),
      kept ? banner('warn', kept.title, kept.text, ' ', h('a', {href: queueLink(this.namespace, queue.metadata.name)}, 'Go to the queue')) : null);
  }

  #story(task, now) {
    return h('section', {class: 'card story', 'aria-labelledby': 'story-title'}, h('h2', {id: 'story-title'}, 'Story'),
      h('ol', null, story(task, this.queue.object, now).map((entry) => h('li', {class: `${entry.kind} ${entry.tone ?? ''}`},
        h('span', {class: 'at'}, entry.at === null ? '' : h('time', {datetime: exact(entry.at), title: exact(entry.at)}, clock(entry.at, now))),
        h('i', {'aria-hidden': 'true'}),
        h('div', null, entry.title ? h('b', null, entry.title) : null, ' ',
          entry.code ? h('span', {class: `code ${entry.code < 300 ? 'good' : 'bad'}`}, entry.code) : null, ' ', entry.text, ' ',
          entry.note ? h('span', {class: 'faint'}, entry.note) : null,
          entry.until ? h('span', {class: 'faint'}, entry.kind === 'flight' ? ` It ends ${relative(entry.until - now)} at the latest.` : ` ${relative(entry.until - now)}`) : null,
          entry.kind === 'waits' ? h('span', null, ' ', helpLink(entry.reason)) : null,
          entry.snippet ? h('pre', {class: 'snippet', tabindex: '0', 'aria-label': 'Beginning of the answer'}, entry.snippet) : null)))));
  }

  #request(task) {
    const wish = task.spec.httpRequest ?? {};
    const sent = task.status?.request ?? {};
    const status = task.status ?? {};
    const target = wish.serviceRef ?? this.queue.object?.spec?.httpTarget?.serviceRef;
    const method = sent.method ?? wish.method ?? 'POST';
    const url = sent.url ?? `${(wish.scheme ?? 'HTTP').toLowerCase()}://${target ? `${target.name}.${this.namespace}.svc${target.port ? `:${target.port}` : ''}` : '?'}${wish.path ?? '/'}`;
    const token = sent.serviceAccountName ?? wish.serviceAccountToken?.serviceAccountName;
    const pairs = [
      ['From the queue', sent.fromQueue?.join(', ')],
      ['Headers', (sent.headers ?? Object.keys(wish.headers ?? {})).join(', ')],
      ['Secret headers', (sent.secretHeaders ?? (wish.secretHeaders ?? []).map((header) => header.name)).join(', ')],
      ['Token of', token ? [token, sent.audience ? h('span', {class: 'faint'}, ` for ${sent.audience}`) : null] : null],
      ['Body', this.#bodyOf(wish)],
      ['Deadline', task.spec.dispatchDeadline ?? 'the queue’s'],
      ['Expires', task.spec.expireTime ? when(time(task.spec.expireTime), this.page.api.serverNow()) : null],
      ['Attempts', status.dispatchCount ? `${count(status.dispatchCount)} sent, ${count(status.responseCount ?? 0)} answered` : 'none yet'],
      ['Round', status.round ? `${status.round.number}, with ${count(status.round.attempts ?? 0)} ${status.round.attempts === 1 ? 'attempt' : 'attempts'}` : null],
      ['Labels', Object.entries(task.metadata.labels ?? {}).map(([name, value]) => `${name}=${value}`).join(', ')],
      ['Dead letter of', task.spec.deadLetterOf ? `${task.spec.deadLetterOf.queue}/${task.spec.deadLetterOf.task}, ${task.spec.deadLetterOf.reason}` : null],
    ].filter(([, value]) => value !== null && value !== undefined && value !== '');
    return h('section', {class: 'card request', 'aria-labelledby': 'request-title'}, h('h2', {id: 'request-title'}, 'Request'),
      h('p', {class: 'url'}, h('b', null, method), ' ', url),
      h('dl', {class: 'pairs'}, pairs.flatMap(([term, value]) => [h('dt', null, term), h('dd', null, value)])));
  }

  /** The body is shown after a click only: it may be private. */
  #bodyOf(wish) {
    const from = wish.bodyFrom?.secretKeyRef ?? wish.bodyFrom?.configMapKeyRef;
    if (from) {
      return `${wish.bodyFrom.secretKeyRef ? 'Secret' : 'ConfigMap'} ${from.name}, key ${from.key}`;
    }
    const text = wish.body ?? wish.bodyBase64 ?? (wish.json === undefined ? null : JSON.stringify(wish.json, null, 2));
    if (text === null) {
      return 'none';
    }
    const size = wish.json === undefined ? new TextEncoder().encode(text).length : JSON.stringify(wish.json).length;
    return [`${bytes(size)}${wish.bodyBase64 ? ' of base64' : ''} `, h('button', {type: 'button', class: 'link', 'aria-expanded': String(this.#body), onclick: () => {
      this.#body = !this.#body;
      this.page.changed();
    }}, this.#body ? 'hide' : 'show'), this.#body ? h('pre', {tabindex: '0', 'aria-label': 'Body'}, text) : null];
  }

  #object(task) {
    return objectCard(this.page, task, 'tasks.taskqueue.dev', this.namespace, this.name);
  }
}

/** The whole object without managedFields, made when it is opened, and the line that prints it. */
export function objectCard(page, object, kind, namespace, name) {
  return h('details', {key: 'object', class: 'card object', ontoggle: () => page.changed()}, h('summary', null, 'Object'),
    h('pre', {tabindex: '0', 'aria-label': 'kubectl line'}, `kubectl get ${kind} -n ${namespace} ${name} -o yaml`),
    document.querySelector('details.object')?.open ? h('pre', {class: 'json', tabindex: '0', 'aria-label': 'The object as JSON'}, withoutManaged(object)) : null);
}

function withoutManaged(object) {
  const {managedFields, ...metadata} = object.metadata;
  return JSON.stringify({...object, metadata}, null, 2);
}

