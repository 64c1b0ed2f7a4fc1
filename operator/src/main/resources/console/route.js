/** Addresses within the page: `#/queue/NS/NAME?state=Failed`. Pure. */

const PREFIX = /^\/(k-[0-9a-f]{32}\/)?$/;

/** Reads the part of the address behind `#`. */
export function readRoute(hash) {
  const text = hash.replace(/^#/, '');
  const [path, search = ''] = text.split('?', 2);
  const parts = path.split('/').filter(Boolean).map(decoded);
  return {page: parts[0] ?? '', names: parts.slice(1), query: new URLSearchParams(search), text};
}

/** The address with some of the query changed; null takes a part out. */
export function changed(route, changes) {
  const query = new URLSearchParams(route.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') {
      query.delete(name);
    } else {
      query.set(name, value);
    }
  }
  const path = [route.page, ...route.names].filter(Boolean).map(encodeURIComponent).join('/');
  const search = query.toString().replaceAll('%2F', '/').replaceAll('%3D', '=').replaceAll('%2C', ',');
  return `#/${path}${search ? `?${search}` : ''}`;
}

/** Where one level up is: a Task's queue is not in its address, so it is given. */
export function upFrom(route, queue) {
  const [namespace] = route.names;
  if ((route.page === 'task' || route.page === 'batch') && queue) {
    return `#/queue/${encodeURIComponent(namespace)}/${encodeURIComponent(queue)}`;
  }
  return '#/';
}

/**
 * Reads what the plugin gives in the address: `#api=/k-.../&ns=shop`. Null if it is another address. A prefix that could lead to another server is not taken.
 */
export function readHandover(hash) {
  if (!/^#(api|ns)=/.test(hash)) {
    return null;
  }
  const given = new URLSearchParams(hash.slice(1));
  const prefix = given.get('api') ?? '/';
  return {prefix: PREFIX.test(prefix) ? prefix : '/', namespace: given.get('ns') ?? ''};
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
