/** Tasks that no row of the overview counts: those of queues that do not exist, and those that no operator has seen. */

import {Api} from './api.js';
import {Background, pause} from './background.js';
import {time} from './format.js';

const EVERY = 60_000;
/** A selector of more names would make the server compare too much. */
const QUEUES_MOST = 100;
const ROWS = 20;
/** An operator writes about a new Task within about a second. */
const UNSEEN_AFTER = 30_000;

/** Reads both once a minute: two short lists, which are empty where all is well. */
export class Overlooked extends Background {
  #queued = [];
  #pending = [];

  /**
   * @param namespace empty = all
   * @param queues gives all queues that are there by `namespace/name`, or null while they are not read
   */
  constructor(api, namespace, queues, changed) {
    super();
    this.api = api;
    this.path = Api.collection('tasks', namespace);
    this.queues = queues;
    this.changed = changed;
  }

  async run(signal) {
    while (!signal.aborted) {
      const queues = this.queues();
      if (queues === null) {
        await pause(500, signal);
        continue;
      }
      try {
        const selector = strangers(queues.keys());
        this.#pending = await this.#read('status.state=Pending', signal);
        this.#queued = selector === null ? [] : await this.#read(selector, signal);
        this.changed();
      } catch {
        // Who may not list Tasks sees no more than queues.
      }
      await pause(EVERY, signal);
    }
  }

  async #read(fieldSelector, signal) {
    return (await this.api.table(this.path, {fieldSelector, limit: ROWS}, signal, 'Metadata')).rows;
  }

  /** Queues that Tasks name and that do not exist. */
  missing() {
    return missingQueues(this.#queued, this.queues()?.keys() ?? []);
  }

  /** Tasks about which no operator has written; the eldest first. */
  unseen(now) {
    return unseenTasks(this.#pending, now, this.queues() ?? new Map());
  }
}

/** The selector of Tasks that are due and name none of these queues; null where it would be too long. */
export function strangers(keys) {
  const names = new Set([...keys].map((key) => key.slice(key.indexOf('/') + 1)));
  return names.size > QUEUES_MOST ? null : ['status.state=Queued', ...[...names].sort().map((name) => `spec.queueRef.name!=${name}`)].join(',');
}

/** `{namespace, name, tasks, more}` for each queue that rows name and that is not among the keys. */
export function missingQueues(rows, keys) {
  const known = new Set(keys);
  const found = new Map();
  for (const row of rows) {
    const key = `${row.metadata.namespace}/${row.Queue}`;
    if (!known.has(key)) {
      const queue = found.get(key) ?? {namespace: row.metadata.namespace, name: row.Queue, tasks: 0, more: rows.length >= ROWS};
      queue.tasks++;
      found.set(key, queue);
    }
  }
  return [...found.values()];
}

/** `{namespace, name, created}` of the rows that are older than an operator needs, but where their queue tells that writes are refused. */
export function unseenTasks(rows, now, queues) {
  return rows
    .filter((row) => !queues.get(`${row.metadata.namespace}/${row.Queue}`)?.status?.stats?.waiting?.WriteRefused)
    .map((row) => ({namespace: row.metadata.namespace, name: row.Name, created: time(row.metadata.creationTimestamp)}))
    .filter((task) => task.created !== null && now - task.created > UNSEEN_AFTER)
    .sort((a, b) => a.created - b.created);
}
