/** What the viewer may do, as the server says; each answer is kept for a minute. */

const KEPT = 60_000;

export class Rights {
  #answers = new Map();

  constructor(api, changed) {
    this.api = api;
    this.changed = changed;
  }

  /** `true`, `false`, or null while it is not known. Where reviews cannot be asked, the server decides at the action. */
  may(verb, resource, namespace) {
    const key = `${verb} ${resource} ${namespace}`;
    const known = this.#answers.get(key);
    if (!known || this.api.now() - known.at > KEPT) {
      this.#answers.set(key, {allowed: known?.allowed ?? null, at: this.api.now()});
      this.#ask(key, verb, resource, namespace);
    }
    return this.#answers.get(key).allowed;
  }

  async #ask(key, verb, resource, namespace) {
    let allowed;
    try {
      allowed = await this.api.may(verb, resource, namespace);
    } catch {
      allowed = null;
    }
    const changed = this.#answers.get(key).allowed !== allowed;
    this.#answers.set(key, {allowed, at: this.api.now()});
    if (changed) {
      this.changed();
    }
  }
}

export function refusalOf([verb, resource, namespace]) {
  return `You may not ${verb} ${resource} in namespace ${namespace}.`;
}
