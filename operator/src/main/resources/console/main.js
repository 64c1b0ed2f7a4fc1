/** Begins the page: address, header, keys, theme, and which page is shown. */

import {Api} from './api.js';
import {BatchPage} from './batch.js';
import {BatchesPage} from './batchlist.js';
import {ActionDialog} from './dialog.js';
import {h, update} from './dom.js';
import {HelpPage} from './help.js';
import {Overview} from './overview.js';
import {loading} from './parts.js';
import {QueuePage} from './queue.js';
import {Rights} from './rights.js';
import {changed, readHandover, readRoute, upFrom} from './route.js';
import {relative, words} from './span.js';
import {TaskPage} from './task.js';

const PAINT_EVERY = 250;
const TICK = 1_000;
const HIDDEN_MOST = 10_000;
const TOLD_FOR = 6_000;
const NAMESPACES_AT_ONCE = 10;
/** Answers that take longer are told: then the operator is held up, too. */
const SLOW = 1_500;
const PAGES = {queue: QueuePage, task: TaskPage, batch: BatchPage, help: HelpPage, batches: BatchesPage};

class Console {
  namespaces = new Set();
  narrow = matchMedia('(max-width: 700px)').matches;
  #overviews = new Map();
  #view = null;
  #address = '';
  #painting = 0;
  #painted = 0;
  #told = null;
  #hiding = 0;

  constructor() {
    const given = readHandover(location.hash);
    if (given) {
      sessionStorage.setItem('api', given.prefix);
      sessionStorage.setItem('namespace', given.namespace);
      history.replaceState(null, '', `${location.pathname}${location.search}#/`);
    }
    this.changed = () => this.#schedule();
    this.api = new Api(sessionStorage.getItem('api') ?? '/');
    this.rights = new Rights(this.api, this.changed);
    this.dialog = new ActionDialog(document.getElementById('dialog'), this.api, (text, isFailure) => this.say(text, isFailure));
    this.given = sessionStorage.getItem('namespace') ?? '';
    addEventListener('hashchange', () => this.#navigate());
    addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('visibilitychange', () => this.#visibility());
    // A page that the browser keeps for "back" must not keep its connection, too.
    addEventListener('pagehide', () => this.#view.stop());
    addEventListener('pageshow', (event) => event.persisted && this.#view.start());
    matchMedia('(max-width: 700px)').addEventListener('change', (event) => {
      this.narrow = event.matches;
      this.changed();
    });
    document.querySelector('.skip').onclick = (event) => {
      event.preventDefault();
      document.getElementById('main').focus();
    };
    this.ticking = setInterval(this.changed, TICK);
    theme(localStorage.getItem('theme'));
    this.#navigate();
  }

  get route() {
    return readRoute(location.hash);
  }

  /** The chosen namespace; empty = all. */
  get namespace() {
    return this.route.query.get('ns') ?? '';
  }

  /** Changes the query of the address; with `quiet`, without a step back for it. */
  go(changes, quiet = false) {
    const address = changed(this.route, changes);
    if (quiet) {
      history.replaceState(null, '', address);
      this.#navigate();
    } else {
      location.hash = address;
    }
  }

  say(text, isFailure) {
    this.#told = {text, isFailure};
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      this.#told = null;
      this.changed();
    }, TOLD_FOR);
    this.#paint();
  }

  /** What is shown in place of objects that may not be read. */
  refused(error) {
    const asks = error.code === 403 && this.namespace === '' && this.route.names.length === 0;
    return h('section', {class: 'card refused'},
      h('h1', null, error.code === 401 ? 'Your login has ended' : asks ? 'Which namespace?' : error.code === 403 ? 'You may not read this' : 'The server refuses'),
      h('p', null, error.code === 401 ? error.message : asks ? 'You may not list the queues of all namespaces. Name one that you may read.' : error.code === 404 ? 'The server does not know these kinds: are the CRDs installed?' : 'The server’s words are below.'),
      asks ? h('form', {class: 'ask', onsubmit: (event) => {
        event.preventDefault();
        this.go({ns: new FormData(event.target).get('namespace').trim()});
      }}, h('label', {class: 'field'}, 'Namespace', h('input', {name: 'namespace', value: this.given, autocomplete: 'off', spellcheck: 'false', required: true})), h('button', {type: 'submit', class: 'primary'}, 'Show')) : null,
      error.code === 401 ? null : h('details', null, h('summary', null, 'The server’s words'), h('p', {class: 'faint'}, error.message)));
  }

  /** The namespaces whose batches are read, once it is known which have queues. */
  get namespacesToRead() {
    if (this.namespace) {
      return {namespaces: [this.namespace], isWhole: true};
    }
    const overview = this.#overview('');
    if (!overview.live.isRead) {
      if (overview.live.state.phase === 'refused') {
        return {namespaces: [this.given || 'default'], isWhole: false};
      }
      overview.start();
      return {namespaces: null, isWhole: false};
    }
    overview.stop();
    const names = [...this.namespaces].sort();
    return {namespaces: names.length ? names.slice(0, NAMESPACES_AT_ONCE) : ['default'], isWhole: names.length <= NAMESPACES_AT_ONCE};
  }

  #overview(namespace) {
    if (!this.#overviews.has(namespace)) {
      this.#overviews.set(namespace, new Overview(this, namespace));
    }
    return this.#overviews.get(namespace);
  }

  #navigate() {
    const route = this.route;
    const address = [route.page, ...route.names, route.page === '' || route.page === 'batches' ? this.namespace : ''].join('/');
    if (address !== this.#address || this.#view === null) {
      this.#address = address;
      this.#view?.stop();
      this.#view = Object.hasOwn(PAGES, route.page) ? new PAGES[route.page](this, route.names) : this.#overview(this.namespace);
      this.#overviews.forEach((overview) => overview === this.#view || overview.stop());
      document.hidden || this.#view.start();
      scrollTo(0, 0);
    }
    document.title = `${this.#view.title} · TaskQueue`;
    this.#paint();
    this.#view.shown?.();
  }

  #schedule() {
    if (this.#painting === 0 && !document.hidden) {
      this.#painting = setTimeout(() => this.#paint(), Math.max(0, PAINT_EVERY - (performance.now() - this.#painted)));
    }
  }

  #paint() {
    clearTimeout(this.#painting);
    this.#painting = 0;
    this.#painted = performance.now();
    for (const key of this.#overviews.get('')?.live.objects.keys() ?? []) {
      this.namespaces.add(key.split('/', 1)[0]);
    }
    const route = this.route;
    update(document.getElementById('header'), this.#header(route));
    update(document.getElementById('main'), this.#view.render(route) ?? loading());
    update(document.getElementById('told'), this.#told ? h('p', {class: this.#told.isFailure ? 'bad' : 'good'}, this.#told.text) : []);
  }

  #header(route) {
    const names = [...new Set([...this.namespaces, this.namespace, this.given].filter(Boolean))].sort();
    const dark = isDark();
    return [
      h('a', {class: 'brand', href: this.namespace ? `#/?ns=${this.namespace}` : '#/'}, h('img', {src: 'icon.svg', alt: '', width: '22', height: '22'}), 'TaskQueue'),
      h('nav', {'aria-label': 'Pages'}, [['', 'Queues', ['', 'queue', 'task']], ['batches', 'Batches', ['batches', 'batch']]].map(([page, label, of]) => h('a', {
        href: `#/${page}${this.namespace ? `?ns=${encodeURIComponent(this.namespace)}` : ''}`, 'aria-current': of.includes(route.page) ? 'page' : null}, label))),
      route.page === '' || route.page === 'batches' ? h('label', {key: 'namespace', class: 'namespace'}, h('span', null, 'Namespace'), h('select', {onchange: (event) => this.go({ns: event.target.value || null})},
        h('option', {value: '', selected: this.namespace === ''}, 'all'), names.map((name) => h('option', {value: name, key: name, selected: name === this.namespace}, name)))) : null,
      h('span', {class: 'space'}),
      this.#status(),
      h('a', {class: 'icon', href: '#/help', title: 'Help (?)', 'aria-label': 'Help'}, '?'),
      h('button', {type: 'button', class: 'icon', title: 'Theme (t)', 'aria-label': dark ? 'Light theme' : 'Dark theme', onclick: () => this.#turn()}, dark ? '☀' : '☾'),
    ];
  }

  #status() {
    const {phase, since, error} = this.#view.state;
    const [look, told] = {
      live: ['ok', 'Live'],
      reading: ['plain', 'Reading …'],
      refused: ['bad', error?.code === 401 ? 'Your login has ended' : 'Refused'],
      lost: ['held', 'Lost, trying again'],
    }[phase];
    // The age changes every second, so it stands outside of what is announced.
    return h('span', {class: `live ${look}`}, h('i', {'aria-hidden': 'true'}), h('span', null, h('span', {role: 'status'}, told),
      phase === 'lost' ? h('span', {class: 'as-of'}, `; as of ${relative(since - this.api.serverNow())}`) : null,
      phase === 'live' && this.api.took > SLOW ? h('span', {class: 'slow', title: 'The operator writes to the same API server, so Tasks may wait for it, too.'}, `; the API server takes ${words(this.api.took)} to answer`) : null));
  }

  #visibility() {
    clearTimeout(this.#hiding);
    clearInterval(this.ticking);
    if (document.hidden) {
      this.#hiding = setTimeout(() => this.#view.stop(), HIDDEN_MOST);
    } else {
      this.ticking = setInterval(this.changed, TICK);
      this.#view.start();
      this.changed();
    }
  }

  #turn() {
    theme(isDark() ? 'light' : 'dark');
    localStorage.setItem('theme', document.documentElement.dataset.theme);
    this.#paint();
  }

  #key(event) {
    const typing = event.target.matches('input:not([type=checkbox]), select, textarea');
    if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById('dialog').open) {
      return;
    }
    if (typing) {
      if (event.key === 'Escape') {
        event.target.blur();
      }
      return;
    }
    const act = {
      '/': () => document.querySelector('.search')?.focus(),
      j: () => this.#step(1),
      k: () => this.#step(-1),
      u: () => (location.hash = upFrom(this.route, this.#view.queue?.object?.metadata?.name)),
      t: () => this.#turn(),
      '?': () => (location.hash = '#/help'),
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  }

  #step(by) {
    const rows = [...document.querySelectorAll('[data-row]')];
    const at = rows.indexOf(document.activeElement);
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.closest('tr').scrollIntoView({block: 'nearest'});
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

function theme(name) {
  if (name === 'light' || name === 'dark') {
    document.documentElement.dataset.theme = name;
  }
}

new Console();
