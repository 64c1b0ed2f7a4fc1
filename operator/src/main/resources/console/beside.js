/** An object that is read beside the one that is watched, now and then: a watch of its own would hold another connection. */

const EVERY = 10_000;

export class Beside {
  object = null;
  #path = '';
  #stop = null;

  constructor(api, changed) {
    this.api = api;
    this.changed = changed;
  }

  /** Reads this object from now on; called again with the same path, it changes nothing. */
  follow(path) {
    if (path !== this.#path) {
      this.#path = path;
      this.object = null;
      if (this.#stop !== null) {
        this.stop();
        this.start();
      }
    }
  }

  start() {
    if (this.#stop === null) {
      this.#stop = new AbortController();
      this.#run(this.#stop.signal);
    }
  }

  stop() {
    this.#stop?.abort();
    this.#stop = null;
  }

  async #run(signal) {
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
      await new Promise((done) => {
        const timer = setTimeout(done, EVERY);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          done();
        }, {once: true});
      });
    }
  }
}
