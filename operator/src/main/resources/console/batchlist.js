/** TaskBatches as rows: of one queue, or of a few namespaces. */

import {Api} from './api.js';
import {h} from './dom.js';
import {count, plural, time} from './format.js';
import {batchLink, chip, empty, loading, queueLink, table, when} from './parts.js';
import {PAGE, Rows} from './rows.js';

export class BatchRows {
  #lists;

  /** @param queue its batches alone; empty = those of all queues */
  constructor(page, namespaces, queue = '') {
    this.page = page;
    this.queue = queue;
    const query = queue ? {fieldSelector: `spec.queueRef.name=${queue}`} : {};
    this.#lists = namespaces.map((namespace) => ({namespace, rows: new Rows(page.api, Api.collection('taskbatches', namespace), query, page.changed)}));
    this.mixed = namespaces.length > 1;
  }

  start() {
    this.#lists.forEach((list) => list.rows.start());
  }

  stop() {
    this.#lists.forEach((list) => list.rows.stop());
  }

  render(now) {
    const lists = this.#lists;
    const failed = lists.find((list) => list.rows.rows === null && list.rows.error);
    if (failed) {
      return this.page.refused(failed.rows.error);
    }
    if (lists.some((list) => list.rows.rows === null)) {
      return loading('Reading batches …');
    }
    const rows = lists.flatMap((list) => list.rows.rows.map((row) => ({...row, namespace: list.namespace})));
    if (rows.length === 0) {
      return empty('No batches here', 'A TaskBatch sends up to 1,000 requests as one object.');
    }
    const columns = [{title: 'Batch', class: 'name'}, {title: 'State'}, {title: 'Queue'}, {title: 'Done', class: 'done'}, {title: 'Failed', class: 'number'}, {title: 'Backing off', class: 'number'}, {title: 'Next'}, {title: 'Reason', class: 'wide'}, {title: 'Age', class: 'age'}];
    const more = lists.filter((list) => list.rows.hasMore);
    return [table('Batches, by name', this.queue ? columns.toSpliced(2, 1) : columns, rows.map((row) => ({key: `${row.namespace}/${row.Name}`, cells: this.queue ? this.#cells(row, now).toSpliced(2, 1) : this.#cells(row, now)}))),
      h('p', {key: 'more', class: 'more'}, `${plural(rows.length, 'batch', 'batches')} by name. `, more.length > 0 ? h('button', {type: 'button', onclick: () => more.forEach((list) => list.rows.readMore())}, `${PAGE} more`) : null)];
  }

  #cells(row, now) {
    const next = time(row.Next);
    return [
      h('a', {href: batchLink(row.namespace, row.Name), 'data-row': true}, this.mixed ? h('span', {class: 'faint'}, `${row.namespace}/`) : null, h('b', null, row.Name)),
      chip(row.State ?? 'Pending'),
      h('a', {href: queueLink(row.namespace, row.Queue ?? ''), class: 'quiet'}, row.Queue ?? ''),
      progress(row.Done, row.Failed),
      row.Failed > 0 ? h('span', {class: 'bad-text'}, h('b', null, count(row.Failed))) : h('span', {class: 'faint'}, '0'),
      row['Backing-Off'] > 0 ? count(row['Backing-Off']) : h('span', {class: 'faint'}, '0'),
      next === null ? '' : when(next, now),
      row.Reason === row.State ? '' : row.Reason ?? '',
      h('span', {class: 'faint'}, row.Age ?? ''),
    ];
  }
}

/** `431/1000` with a bar, the failed ones apart. */
function progress(text, failed) {
  const [done, total] = String(text ?? '').split('/').map(Number);
  if (!total) {
    return h('span', {class: 'faint'}, '–');
  }
  const part = (number, kind) => number > 0 ? h('i', {class: kind, style: {width: `${(100 * number) / total}%`}}) : null;
  return [h('span', null, `${count(done)} of ${count(total)}`), h('span', {class: 'bar', 'aria-hidden': 'true'}, part(done - (failed ?? 0), 'succeeded'), part(failed ?? 0, 'failed'))];
}

/** The page of all batches of the chosen namespace, or of the first namespaces that have queues. */
export class BatchesPage {
  title = 'Batches';
  #rows = null;
  #running = false;

  constructor(page) {
    this.page = page;
  }

  start() {
    this.#running = true;
    this.#rows?.start();
  }

  stop() {
    this.#running = false;
    this.#rows?.stop();
  }

  get state() {
    return {phase: this.#rows ? 'live' : 'reading'};
  }

  render() {
    const {page} = this;
    const {namespaces, isWhole} = page.namespacesToRead;
    if (namespaces === null) {
      return loading('Looking which namespaces have queues …');
    }
    if (this.#rows === null) {
      this.#rows = new BatchRows(page, namespaces);
      if (this.#running) {
        this.#rows.start();
      }
    }
    return [h('div', {class: 'head'}, h('h1', null, 'Batches')), isWhole ? null : h('p', {class: 'faint'}, `Those of ${plural(namespaces.length, 'namespace')}: choose one above for another.`), this.#rows.render(page.api.serverNow())];
  }
}
