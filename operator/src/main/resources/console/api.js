/** All requests of the console: get, list and watch, patch, delete, and reviews of the viewer's own rights. */

const GROUP = 'apis/taskqueue.dev/v1beta1';
const REVIEWS = 'apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
/** A server that promises to end a watch and does not is left. */
const WATCH_SECONDS = 300;
const WATCH_MOST = (WATCH_SECONDS + 30) * 1000;

/** The answer of the API server, or that there was none (`code` 0). */
export class ApiError extends Error {
  constructor(code, reason, message, retryAfter = 0) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export class Api {
  #clockAhead = 0;
  /** How long the last answer but those of watches took, in milliseconds. */
  took = 0;

  /** @param prefix where the API begins: `/`, or `/k-.../` behind the plugin's proxy */
  constructor(prefix, {fetch = (...args) => globalThis.fetch(...args), now = Date.now} = {}) {
    this.prefix = prefix;
    this.fetch = fetch;
    this.now = now;
  }

  /** The server's time, in milliseconds; never the laptop's alone. */
  serverNow() {
    return this.now() + this.#clockAhead;
  }

  /** The path of a collection, in one namespace or (empty) in all. */
  static collection(plural, namespace) {
    return namespace ? `${GROUP}/namespaces/${encodeURIComponent(namespace)}/${plural}` : `${GROUP}/${plural}`;
  }

  static object(plural, namespace, name) {
    return `${Api.collection(plural, namespace)}/${encodeURIComponent(name)}`;
  }

  get(path, query = {}, signal) {
    return this.#json('GET', path, {query, signal});
  }

  /**
   * A page of a list as rows, without the objects: no body of a request travels.
   *
   * @param includeObject `Metadata` adds the metadata of each row, where rows of several namespaces are read
   */
  async table(path, query, signal, includeObject = 'None') {
    const table = await this.#json('GET', path, {query: {...query, includeObject}, accept: TABLE, signal});
    const names = (table.columnDefinitions ?? []).map((column) => column.name);
    const rows = (table.rows ?? []).map((row) => Object.fromEntries(names.map((name, index) => [name, row.cells[index]]).concat([['metadata', row.object?.metadata]])));
    return {rows, next: table.metadata?.continue ?? '', more: table.metadata?.remainingItemCount ?? 0};
  }

  /** The metadata of one object: its uid, for a delete that means this object and no later one of the name. */
  async uid(path, signal) {
    return (await this.#json('GET', path, {accept: METADATA, signal})).metadata.uid;
  }

  patch(path, body, {manager, dry = false}) {
    const query = {fieldManager: manager, ...(dry ? {dryRun: 'All'} : {})};
    return this.#json('PATCH', path, {query, body, type: 'application/merge-patch+json'});
  }

  /** Deletes; never dry: with a body the server ignores `dryRun` in the query and deletes. */
  delete(path, uid) {
    return this.#json('DELETE', path, {body: {kind: 'DeleteOptions', apiVersion: 'v1', preconditions: {uid}}});
  }

  /** Whether the viewer may do this, as the server says. */
  async may(verb, resource, namespace) {
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: {resourceAttributes: {group: 'taskqueue.dev', verb, resource, namespace}},
    };
    return (await this.#json('POST', REVIEWS, {body})).status?.allowed === true;
  }

  /** Reads a watch until it ends; calls `seen` with each event. Throws what the server said if it refuses or ends it with an error. */
  async watch(path, query, seen, signal) {
    const ended = new AbortController();
    const stop = () => ended.abort();
    signal.addEventListener('abort', stop);
    const timer = setTimeout(stop, WATCH_MOST);
    try {
      const whole = {...query, watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(WATCH_SECONDS)};
      const response = await this.#send('GET', path, {query: whole, signal: ended.signal});
      seen({type: 'OPENED'});
      for await (const line of lines(response.body)) {
        const event = JSON.parse(line);
        if (event.type === 'ERROR') {
          throw new ApiError(event.object?.code ?? 0, event.object?.reason ?? '', event.object?.message ?? 'the watch failed');
        }
        seen(event);
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      ended.abort();
    }
  }

  async #json(method, path, options) {
    const began = this.now();
    try {
      const response = await this.#send(method, path, options);
      return await response.json();
    } finally {
      this.took = this.now() - began;
    }
  }

  async #send(method, path, {query = {}, body, type = 'application/json', accept = 'application/json', signal}) {
    const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined && value !== ''));
    const headers = {Accept: accept, ...(body === undefined ? {} : {'Content-Type': type})};
    let response;
    try {
      response = await this.fetch(`${this.prefix}${path}${search.size ? `?${search}` : ''}`, {
        method, headers, signal, cache: 'no-store', redirect: 'manual', credentials: 'same-origin',
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (failure) {
      if (signal?.aborted) {
        throw failure;
      }
      throw new ApiError(0, 'NoAnswer', 'The server does not answer.');
    }
    this.#measure(response);
    if (!response.ok) {
      throw await refusal(response);
    }
    return response;
  }

  #measure(response) {
    const date = Date.parse(response.headers.get('Date') ?? '');
    if (!Number.isNaN(date)) {
      // The header has whole seconds: within one of them nothing is corrected.
      const ahead = date - this.now();
      this.#clockAhead = Math.abs(ahead) < 1500 ? 0 : ahead;
    }
  }
}

async function refusal(response) {
  if (response.status === 401 || response.type === 'opaqueredirect') {
    return new ApiError(401, 'Unauthorized', 'Your login has ended: start it again.');
  }
  const text = await response.text();
  try {
    const status = JSON.parse(text);
    if (status.kind === 'Status') {
      return new ApiError(response.status, status.reason ?? '', status.message ?? '', Number(response.headers.get('Retry-After') ?? 0));
    }
  } catch {
    // Something between page and API server answered, and not in its words.
  }
  return new ApiError(response.status, '', `The server answered ${response.status}.`);
}

async function* lines(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const {value, done} = await reader.read();
      if (done) {
        return;
      }
      const parts = (rest + value).split('\n');
      rest = parts.pop();
      for (const line of parts) {
        if (line) {
          yield line;
        }
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
