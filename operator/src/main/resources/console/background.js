/** Work that goes on from `start` to `stop`, such as a watch, or reading again every few seconds. */

export class Background {
  #stop = null;

  /** Begins, or goes on from where it stopped. */
  start() {
    if (this.#stop === null) {
      this.#stop = new AbortController();
      this.run(this.#stop.signal);
    }
  }

  /** Ends requests and pauses. What was read stays. */
  stop() {
    this.#stop?.abort();
    this.#stop = null;
  }

  /** Begins anew if it is going on. */
  restart() {
    if (this.#stop !== null) {
      this.stop();
      this.start();
    }
  }
}

/** Waits so many milliseconds, or until the signal, if there is one, ends the work. */
export function pause(millis, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, millis);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    }, {once: true});
  });
}
