import {ApiException, CustomObjectsApi} from '@kubernetes/client-node';
import {taskName} from './task-names.js';

const KEY = 'taskqueue.dev/key';

/** Creates Tasks in one namespace with the credentials of a KubeConfig. */
export class Tasks {
  constructor(kubeConfig, namespace) {
    this.api = kubeConfig.makeApiClient(CustomObjectsApi);
    this.where = {group: 'taskqueue.dev', version: 'v1beta1', plural: 'tasks', namespace};
  }

  /** Resolves to {name, created}: false where a Task with this key is in this queue already. */
  async create(queue, key, spec, labels = {}) {
    const name = taskName(queue, key);
    try {
      // Without Strict the API server drops a misspelt field: a Task without its scheduletime is sent at once.
      await this.api.createNamespacedCustomObject({...this.where, fieldValidation: 'Strict', body: {
        apiVersion: 'taskqueue.dev/v1beta1',
        kind: 'Task',
        metadata: {name, labels, annotations: {[KEY]: key}},
        spec: {queueRef: {name: queue}, ...spec},
      }});
      return {name, created: true};
    } catch (refusal) {
      if (!(refusal instanceof ApiException && refusal.code === 409)) throw refusal;
      const there = await this.api.getNamespacedCustomObject({...this.where, name});
      if (there.spec.queueRef.name !== queue || there.metadata.annotations?.[KEY] !== key) {
        throw new Error(`Task ${name} is there for another queue or key: delete it, or use another key`, {cause: refusal});
      }
      return {name, created: false};
    }
  }
}
