/** An object that is read beside the one that is watched, now and then: a watch of its own would hold another connection. */

import {Background, pause} from './background.js';

const EVERY = 10_000;

export class Beside extends Background {
  object = null;
  #path = '';

  constructor(api, changed) {
    super();
    this.api = api;
    this.changed = changed;
  }

  /** Reads this object from now on; called again with the same path, it changes nothing. */
  follow(path) {
    if (path !== this.#path) {
      this.#path = path;
      this.object = null;
      this.restart();
    }
  }

  async run(signal) {
    while (!signal.aborted) {
      if (this.#path) {
        try {
          this.object = await this.api.get(this.#path, {}, signal);
        } catch (error) {
          if (error.code === 404 || error.code === 403) {
            this.object = null;
          }
        }
        this.changed();
      }
      await pause(EVERY, signal);
    }
  }
}
