/** A list that is kept up to date by a watch, through losses, without a new list where that can be avoided. */

import {Background, pause} from './background.js';

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const REFUSED_PAUSE = 15_000;
/** A watch that ends sooner did not work. */
const SHORT_LIFE = 2_000;

export class Live extends Background {
  objects = new Map();
  /** `reading`, `live`, `lost` or `refused`; the last two with `since` and `error`. */
  state = {phase: 'reading'};
  #version = '';
  #pause = FIRST_PAUSE;

  /** @param changed called after each change of objects or state */
  constructor(api, path, query, changed) {
    super();
    this.api = api;
    this.path = path;
    this.query = query;
    this.changed = changed;
  }

  get isRead() {
    return this.#version !== '';
  }

  async run(signal) {
    while (!signal.aborted) {
      const opened = Date.now();
      try {
        if (this.#version === '') {
          await this.#list(signal);
        }
        await this.api.watch(this.path, {...this.query, resourceVersion: this.#version}, (event) => this.#seen(event), signal);
        if (Date.now() - opened < SHORT_LIFE) {
          await this.#wait(signal);
        }
      } catch (error) {
        if (!signal.aborted) {
          await this.#failed(error, signal);
        }
      }
    }
  }

  async #list(signal) {
    const found = new Map();
    let next;
    let version = '';
    do {
      const page = await this.api.get(this.path, {...this.query, limit: 500, continue: next}, signal);
      for (const object of page.items ?? []) {
        found.set(keyOf(object), object);
      }
      next = page.metadata?.continue;
      version = page.metadata?.resourceVersion ?? '';
      this.#grown(found);
    } while (next);
    this.objects = found;
    this.#version = version;
    this.#become('live');
  }

  /** Shows the pages that are there while the next ones are read; what was shown before stays until the end. */
  #grown(found) {
    this.objects = new Map([...this.objects, ...found]);
    this.changed();
  }

  #seen(event) {
    if (event.type === 'OPENED') {
      this.#become('live');
      return;
    }
    this.#pause = FIRST_PAUSE;
    this.#version = event.object.metadata.resourceVersion;
    if (event.type === 'DELETED') {
      this.objects.delete(keyOf(event.object));
    } else if (event.type !== 'BOOKMARK') {
      this.objects.set(keyOf(event.object), event.object);
    } else {
      return;
    }
    this.changed();
  }

  async #failed(error, signal) {
    if (error.code === 410) {
      this.#version = '';
      return;
    }
    const refused = error.code === 401 || error.code === 403 || error.code === 404;
    if (this.state.phase !== (refused ? 'refused' : 'lost')) {
      this.#become(refused ? 'refused' : 'lost', error);
    }
    this.#pause = refused ? REFUSED_PAUSE : Math.max(this.#pause, 1000 * (error.retryAfter ?? 0));
    await this.#wait(signal);
  }

  async #wait(signal) {
    const jittered = this.#pause * (0.7 + 0.6 * Math.random());
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
    await pause(jittered, signal);
  }

  #become(phase, error = null) {
    this.state = {phase, error, since: this.api.serverNow()};
    this.changed();
  }
}

export function keyOf(object) {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}
