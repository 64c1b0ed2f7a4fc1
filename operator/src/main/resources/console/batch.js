/** The page of one TaskBatch: how far it is, item by item, what failed, and what can be done. */

import * as actions from './actions.js';
import {keeps} from './concerns.js';
import {h} from './dom.js';
import {clock, count, plural, time} from './format.js';
import {ObjectPage} from './objectpage.js';
import {actionButton, banner, chip, crumbs, helpLink, queueLink, table, taskLink, tile, when} from './parts.js';
import {cells, failedItems} from './ranges.js';
import {words} from './span.js';
import {objectCard} from './task.js';
import {verdict} from './story.js';

const CELLS = 200;
const FAILED_ROWS = 100;
const KINDS = [['succeeded', 'delivered'], ['failed', 'failed'], ['backingOff', 'backing off'], ['dispatching', 'in flight for long'], ['skipped', 'skipped']];
const ENDED = new Set(['Succeeded', 'Failed']);

export class BatchPage extends ObjectPage {
  #shown = FAILED_ROWS;

  constructor(page, place) {
    super(page, place, 'taskbatches', 'batch');
  }

  show(batch, queueName, state, now) {
    return [
      crumbs(this.namespace, queueName, 'batch'),
      h('div', {key: 'head', class: 'head'}, h('h1', null, this.name), chip(state), this.#buttons(batch, state, now)),
      this.#banners(batch, state, now),
      tiles(batch, state, now),
      progress(batch),
      this.#failed(batch, now),
      h('div', {key: 'columns', class: 'columns'}, about(batch, this.namespace, now), objectCard(this.page, batch, 'taskbatches.taskqueue.dev', this.namespace, this.name)),
    ];
  }

  #buttons(batch, state, now) {
    const {page} = this;
    const counts = countsOf(batch);
    const again = counts.failed + counts.skipped;
    const held = batch.metadata.annotations?.['taskqueue.dev/hold'] !== undefined;
    const over = ENDED.has(state) ? 'It has ended.' : null;
    const why = [{name: 'why', label: 'Why, and who', hint: 'Anna: wrong price list'}];
    const deadLetter = this.queue.object?.spec?.deadLetter?.queueRef?.name;
    return h('div', {class: 'buttons', role: 'group', 'aria-label': 'Actions'},
      held ? actionButton(page, 'Release …', actions.releaseBatch(batch), {kind: 'primary'}) : actionButton(page, 'Hold …', actions.holdBatch(batch, ''), {off: over, fields: why, build: (values) => actions.holdBatch(batch, values.why)}),
      actionButton(page, 'Run now …', actions.runBatchNow(batch, now), {off: over, build: () => actions.runBatchNow(batch, page.api.serverNow())}),
      actionButton(page, 'Redrive …', actions.redriveBatch(batch, now, deadLetter), {kind: state === 'Failed' && again > 0 ? 'primary' : '', off: again === 0 ? 'Nothing has failed or was skipped.' : null, build: () => actions.redriveBatch(batch, page.api.serverNow(), deadLetter)}),
      actionButton(page, 'Cancel …', actions.cancelBatch(batch, '', counts.open), {kind: 'danger', off: over, fields: why, build: (values) => actions.cancelBatch(batch, values.why, counts.open)}));
  }

  #banners(batch, state, now) {
    const said = verdict(batch, now);
    const queue = this.queue.object;
    const hold = batch.metadata.annotations?.['taskqueue.dev/hold'];
    const kept = queue && !ENDED.has(state) ? keeps(queue, now) : null;
    return h('div', {key: 'banners', class: 'banners'},
      hold !== undefined && !ENDED.has(state) ? banner('warn', 'On hold.', hold) : null,
      banner(said.tone, said.reason, said.text, ' ', state === 'Succeeded' ? null : helpLink(said.reason)),
      kept ? banner('warn', kept.title, kept.text, ' ', h('a', {href: queueLink(this.namespace, queue.metadata.name)}, 'Go to the queue')) : null);
  }

  #failed(batch, now) {
    const items = failedItems(batch.status);
    if (items.length === 0) {
      return null;
    }
    const groups = Object.entries(batch.status.failedByReason ?? {}).sort((a, b) => b[1] - a[1]);
    const most = Math.max(...groups.map(([, number]) => number), 1);
    const shown = items.slice(0, this.#shown);
    const hasKeys = items.some((item) => item.key);
    const columns = [{title: 'Item', class: 'number'}, {title: 'Key', class: 'wide'}, {title: 'Attempts', class: 'number'}, {title: 'Code', class: 'number'}, {title: 'Reason', class: 'wide'}, {title: 'Message', class: 'message'}, {title: 'Failed'}];
    return h('section', {key: 'failed', 'aria-labelledby': 'failed-title'}, h('div', {class: 'bar-line'}, h('h2', {id: 'failed-title'}, 'Failed items')),
      groups.length === 0 ? null : h('div', {key: 'alike', class: 'alike'}, groups.slice(0, 6).map(([what, number]) => {
        const [reason, code] = what.split('/');
        return h('div', {class: 'card', key: what}, h('b', null, count(number)), code && code !== '0' ? ` answered ${code}` : ' got no answer', h('small', null, reason, ' ', helpLink(reason)), h('span', {class: 'bar', 'aria-hidden': 'true'}, h('i', {class: 'failed', style: {width: `${(100 * number) / most}%`}})));
      })),
      table('Failed items, by index', columns.filter((column) => hasKeys || column.title !== 'Key'), shown.map((item) => ({key: String(item.index), cells: [
        count(item.index), ...(hasKeys ? [item.key] : []), item.attempts === null ? '–' : count(item.attempts), item.code === null ? '–' : h('b', {class: 'bad-text'}, item.code), item.reason, item.message, item.time === null ? '' : when(time(item.time), now),
      ]}))),
      h('p', {key: 'more', class: 'more'}, `${plural(items.length, 'failed item')}; the status keeps the messages of the first 50. `, items.length > shown.length ? h('button', {type: 'button', onclick: () => {
        this.#shown += FAILED_ROWS;
        this.page.changed();
      }}, `${Math.min(FAILED_ROWS, items.length - shown.length)} more`) : null));
  }
}

function countsOf(batch) {
  const counts = batch.status?.counts ?? {};
  const number = (name) => Number(counts[name] ?? 0);
  const total = number('total') || Number(batch.spec.count ?? batch.spec.items?.length ?? 0);
  return {total, succeeded: number('succeeded'), failed: number('failed'), skipped: number('skipped'), backingOff: number('backingOff'), open: total - number('succeeded') - number('failed') - number('skipped')};
}

function tiles(batch, state, now) {
  const counts = countsOf(batch);
  const ended = counts.total - counts.open;
  const began = time(batch.status?.startTime);
  const completed = time(batch.status?.completionTime);
  return h('dl', {class: 'tiles', 'aria-label': 'In numbers'},
    tile('Ended', [count(ended), h('small', null, ` / ${count(counts.total)}`)], counts.total === 0 ? (ENDED.has(state) ? 'nothing was sent' : 'not counted yet') : `${Math.floor((100 * ended) / counts.total)} %`),
    tile('Delivered', count(counts.succeeded), counts.total > 0 && counts.succeeded === counts.total ? 'all of them' : '', {tone: counts.total > 0 && counts.succeeded === counts.total ? 'good' : ''}),
    tile('Failed', count(counts.failed), counts.skipped > 0 ? `${count(counts.skipped)} skipped` : batch.spec.maxFailed === undefined ? '' : `at most ${count(batch.spec.maxFailed)}`, {tone: counts.failed > 0 ? 'bad' : ''}),
    tile('To go', count(counts.open), `${count(counts.backingOff)} backing off`),
    tile(completed === null ? 'Runs for' : 'Took', began === null ? '–' : words((completed ?? now) - began), began === null ? (ENDED.has(state) ? 'it never began' : 'not begun') : `since ${clock(began, now)}`));
}

function progress(batch) {
  const list = cells(batch.status, CELLS);
  if (list.length === 0) {
    return null;
  }
  const each = Math.ceil(list[0].to - list[0].from + 1);
  const used = KINDS.filter(([kind]) => list.some((cell) => cell[kind] > 0));
  return h('section', {key: 'items', class: 'card items', 'aria-labelledby': 'items-title'},
    h('h2', {id: 'items-title'}, 'Items', h('small', null, each > 1 ? `each cell is about ${each} of them` : 'each cell is one of them')),
    h('div', {class: 'cells', role: 'img', 'aria-label': used.map(([kind, word]) => `${count(list.reduce((sum, cell) => sum + cell[kind], 0))} ${word}`).join(', ') || 'none has ended'},
      list.map((cell) => h('i', {class: kindOf(cell), title: `${cell.from}${cell.to > cell.from ? `–${cell.to}` : ''}: ${KINDS.filter(([kind]) => cell[kind] > 0).map(([kind, word]) => `${cell[kind]} ${word}`).join(', ') || 'to go'}`}))),
    h('p', {class: 'legend faint'}, used.map(([kind, word]) => [h('i', {class: kind}), ` ${word} `]), list.some((cell) => kindOf(cell) === 'open' || kindOf(cell) === 'part') ? [h('i', {class: 'open'}), ' to go'] : null));
}

/** A failure among many is seen: it gives its cell the colour. */
function kindOf(cell) {
  const size = cell.to - cell.from + 1;
  return ['failed', 'backingOff', 'dispatching', 'skipped'].find((kind) => cell[kind] > 0) ?? (cell.succeeded === size ? 'succeeded' : cell.succeeded > 0 ? 'part' : 'open');
}

function about(batch, namespace, now) {
  const {spec, status = {}} = batch;
  const request = spec.template?.httpRequest ?? {};
  const next = time(status.nextAttemptTime);
  const pairs = [
    ['Request', `${request.method ?? 'POST'} ${request.serviceRef ? `${request.serviceRef.name}${request.serviceRef.port ? `:${request.serviceRef.port}` : ''}${request.path ?? '/'}` : `${request.path ?? '/'} of the queue’s Service`}`],
    ['Items', spec.lines === undefined ? spec.items === undefined ? `${count(spec.count)} alike` : 'a list in the spec' : 'lines in the spec'],
    ['Next attempt', next === null ? null : when(next, now)],
    ['Expires', spec.expireTime ? when(time(spec.expireTime), now) : null],
    ['Round', status.round ? String(status.round.number) : null],
    ['Dead letters', status.deadLetters?.created ? plural(status.deadLetters.created, 'batch', 'batches') : null],
    ['At the end', status.onFinishedTask ? h('a', {href: taskLink(namespace, status.onFinishedTask)}, status.onFinishedTask) : spec.onFinished ? `a Task to ${spec.onFinished.queueRef?.name ?? spec.queueRef.name}` : null],
  ].filter(([, value]) => value !== null);
  return h('section', {class: 'card request', 'aria-labelledby': 'about-title'}, h('h2', {id: 'about-title'}, 'About it'), h('dl', {class: 'pairs'}, pairs.flatMap(([term, value]) => [h('dt', null, term), h('dd', null, value)])));
}

