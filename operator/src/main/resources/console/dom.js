/** Builds the page of plain values and changes the document where it differs. Everything that is told is a text node. */

const PROPERTIES = new Set(['checked', 'disabled', 'indeterminate', 'open', 'selected']);

/**
 * A wished element. Children are elements, texts, lists of them, or nothing (null, false).
 *
 * @param props `key` finds the same element again; `style` is an object; `onclick` and the like are functions; the rest are attributes
 */
export function h(tag, props, ...children) {
  return {tag, props: props ?? {}, children: children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== '')};
}

/** Makes the content of an element what is wished. Focus, open details and scroll positions of elements that stay are kept. */
export function update(parent, wished) {
  const focused = document.activeElement;
  morph(parent, [wished].flat(Infinity).filter(Boolean));
  if (focused && focused !== document.activeElement && focused.isConnected) {
    focused.focus({preventScroll: true});
  }
}

function morph(parent, wished) {
  const keyed = new Map();
  const loose = [];
  for (const node of parent.childNodes) {
    if (node.wishedKey === undefined) {
      loose.push(node);
    } else {
      keyed.set(node.wishedKey, node);
    }
  }
  let place = parent.firstChild;
  for (const wish of wished) {
    const node = reuse(wish, keyed, loose) ?? make(wish);
    if (node === place) {
      place = place.nextSibling;
    } else {
      parent.insertBefore(node, place);
    }
    fill(node, wish);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function reuse(wish, keyed, loose) {
  if (typeof wish !== 'object') {
    return take(loose, (node) => node.nodeType === Node.TEXT_NODE);
  }
  const key = wish.props.key;
  if (key === undefined) {
    return take(loose, (node) => node.localName === wish.tag);
  }
  const found = keyed.get(key);
  return found?.localName === wish.tag ? found : undefined;
}

function take(loose, fits) {
  const index = loose.findIndex(fits);
  return index < 0 ? undefined : loose.splice(index, 1)[0];
}

function make(wish) {
  if (typeof wish !== 'object') {
    return document.createTextNode('');
  }
  const node = document.createElement(wish.tag);
  if (wish.props.key !== undefined) {
    node.wishedKey = wish.props.key;
  }
  return node;
}

function fill(node, wish) {
  if (typeof wish !== 'object') {
    const text = String(wish);
    if (node.data !== text) {
      node.data = text;
    }
    return;
  }
  const before = node.wishedProps ?? {};
  for (const name of Object.keys(before)) {
    if (!(name in wish.props)) {
      set(node, name, null, before[name]);
    }
  }
  for (const [name, value] of Object.entries(wish.props)) {
    set(node, name, value, before[name]);
  }
  node.wishedProps = wish.props;
  morph(node, wish.children);
}

function set(node, name, value, before) {
  if (name === 'key') {
    return;
  }
  if (name.startsWith('on')) {
    node[name] = value;
  } else if (name === 'style') {
    for (const part of new Set([...Object.keys(before ?? {}), ...Object.keys(value ?? {})])) {
      if (before?.[part] !== value?.[part]) {
        node.style.setProperty(part, value?.[part] ?? '');
      }
    }
  } else if (name === 'value') {
    // What a person types meanwhile stays.
    if (value !== before && node.value !== value) {
      node.value = value ?? '';
    }
  } else if (PROPERTIES.has(name)) {
    node[name] = Boolean(value);
  } else if (value === null || value === undefined || value === false) {
    node.removeAttribute(name);
  } else if (value !== before) {
    node.setAttribute(name, value === true ? '' : String(value));
  }
}
