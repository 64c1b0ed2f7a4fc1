/** The Tasks or batches of a selection, page by page, by name. The first page is read again every few seconds. */

import {Background, pause} from './background.js';
import {time} from './format.js';

const EVERY = 5_000;
const TIMES_ITS_COST = 60;
/** How often a server that is busy is asked. */
const TRIES = 5;
export const PAGE = 100;

export class Rows extends Background {
  rows = null;
  error = null;
  more = 0;
  #next = '';
  #further = [];
  #first = [];
  #reading = false;

  /** @param query the selectors */
  constructor(api, path, query, changed) {
    super();
    this.api = api;
    this.path = path;
    this.query = query;
    this.changed = changed;
  }

  get hasMore() {
    return this.#next !== '';
  }

  /** Reads the first page now, after an action. */
  refresh() {
    this.restart();
  }

  async run(signal) {
    while (!signal.aborted) {
      const began = performance.now();
      await this.#readFirst(signal);
      const took = performance.now() - began;
      await pause(Math.max(EVERY, took * TIMES_ITS_COST), signal);
    }
  }

  async #readFirst(signal) {
    try {
      const page = await this.api.table(this.path, {...this.query, limit: PAGE}, signal);
      this.#first = page.rows;
      this.error = null;
      if (this.#further.length === 0) {
        this.#next = page.next;
        this.more = page.more;
      }
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      this.error = error;
    }
    this.#join();
  }

  /** Reads the next page. A page that the server no longer knows begins anew. */
  async readMore() {
    if (this.#reading || this.#next === '') {
      return;
    }
    this.#reading = true;
    try {
      const page = await this.api.table(this.path, {...this.query, limit: PAGE, continue: this.#next});
      this.#further.push(...page.rows);
      this.#next = page.next;
      this.more = page.more;
      this.error = null;
    } catch (error) {
      if (error.code === 410) {
        this.#further = [];
        this.#next = '';
        this.refresh();
      } else {
        this.error = error;
      }
    } finally {
      this.#reading = false;
      this.#join();
    }
  }

  #join() {
    const seen = new Set(this.#first.map((row) => row.Name));
    if (this.error === null || this.#first.length > 0) {
      this.rows = [...this.#first, ...this.#further.filter((row) => !seen.has(row.Name))];
    }
    this.changed();
  }
}

/** Reads at most `most` rows of a selection, for a count. Says whether that was all. A server that is busy is asked again after the time that it names. */
export async function sample(api, path, query, most, signal, includeObject) {
  const rows = [];
  let next;
  do {
    const page = await patient(() => api.table(path, {...query, limit: Math.min(500, most), continue: next}, signal, includeObject), signal);
    rows.push(...page.rows);
    next = page.next;
  } while (next && rows.length < most);
  return {rows, whole: !next};
}

/** The Task that was created first among rows: `{name, created, of}`, where `of` is how many were read if not all were; null without rows. */
export function oldest(rows, whole) {
  const created = (row) => time(row.metadata?.creationTimestamp) ?? Infinity;
  const first = rows.reduce((best, row) => (best === null || created(row) < created(best) ? row : best), null);
  return first === null ? null : {name: first.Name, created: created(first), of: whole ? null : rows.length};
}

async function patient(read, signal) {
  for (let tries = 1; ; tries++) {
    try {
      return await read();
    } catch (error) {
      if (error.code !== 429 || tries === TRIES) {
        throw error;
      }
      await pause(Math.max(1, error.retryAfter) * 1000, signal);
    }
  }
}
