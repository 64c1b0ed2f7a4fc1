import {createHash} from 'node:crypto';

/** The name of the Task with this key in this queue: the rule that all clients follow. A key is 1 to 500 letters, digits, "-" and "_". */
export function taskName(queue, key) {
  if (!/^[A-Za-z0-9_-]{1,500}$/.test(key)) {
    throw new TypeError(`the key "${key}" is not 1 to 500 letters, digits, "-" and "_"`);
  }
  const readable = key.toLowerCase().replace(/[^a-z0-9]/g, '-').slice(0, 50).replace(/^-+|-+$/g, '');
  const digits = createHash('sha256').update(`${queue}/${key}`).digest('hex').slice(0, 10);
  return readable ? `${readable}-${digits}` : digits;
}
