/** The page of one object, which a watch keeps up to date, with its queue read beside it. */

import {Api} from './api.js';
import {Beside} from './beside.js';
import {h} from './dom.js';
import {Live} from './live.js';
import {banner, crumbs, loading} from './parts.js';

export class ObjectPage {
  /**
   * @param resource such as `tasks`
   * @param kind what people call it, such as `Task`
   */
  constructor(page, [namespace, name], resource, kind) {
    this.page = page;
    this.namespace = namespace;
    this.name = name;
    this.title = name;
    this.kind = kind;
    this.live = new Live(page.api, Api.collection(resource, namespace), {fieldSelector: `metadata.name=${name}`}, page.changed);
    this.queue = new Beside(page.api, page.changed);
  }

  start() {
    this.live.start();
    this.queue.start();
  }

  stop() {
    this.live.stop();
    this.queue.stop();
  }

  get state() {
    return this.live.state;
  }

  render() {
    const object = this.live.objects.get(`${this.namespace}/${this.name}`);
    if (!object) {
      return this.#absent();
    }
    const queueName = object.spec.queueRef.name;
    this.queue.follow(Api.object('taskqueues', this.namespace, queueName));
    return this.show(object, queueName, object.status?.state ?? 'Pending', this.page.api.serverNow());
  }

  #absent() {
    if (this.live.state.phase === 'refused') {
      return [crumbs(this.namespace), this.page.refused(this.live.state.error)];
    }
    return this.live.isRead ? [crumbs(this.namespace), h('h1', null, this.name), banner('plain', `No such ${this.kind}.`, 'It was deleted, its retention is over, or it was never created.')] : loading(`Reading the ${this.kind} …`);
  }
}
