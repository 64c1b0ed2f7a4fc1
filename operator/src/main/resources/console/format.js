/** Numbers and times as people read them. Pure: the time zone is the machine's, the rest is given. */

const GROUPED = new Intl.NumberFormat('en-US');
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const SUFFIXES = {n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2};

/** `1,011`; a dash where there is none. */
export function count(number) {
  return Number.isFinite(number) ? GROUPED.format(number) : '–';
}

/** `96.7k`, `1.2M`; exact below ten thousand. */
export function short(number) {
  if (!Number.isFinite(number) || number < 10_000) {
    return count(number);
  }
  const [size, suffix] = number < 999_950 ? [1e3, 'k'] : [1e6, 'M'];
  return `${Number((number / size).toFixed(1))}${suffix}`;
}

/** `1 Task`, `2 Tasks`. */
export function plural(number, one, many = `${one}s`) {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** Reads a Kubernetes quantity such as `25`, `"0.5"` or `500m`; null if it is none. */
export function quantity(value) {
  const found = /^(\d+(?:\.\d*)?|\.\d+)(n|u|m|k|M|G|Ki|Mi)?$/.exec(String(value ?? ''));
  return found ? Number(found[1]) * (SUFFIXES[found[2]] ?? 1) : null;
}

/** A rate for a column: `20`, `0.5`, `4.8`. */
export function rate(perSecond) {
  if (perSecond === null) {
    return '–';
  }
  return perSecond >= 100 ? count(Math.round(perSecond)) : String(Number(perSecond.toPrecision(2)));
}

export function bytes(number) {
  if (number < 1024) {
    return plural(number, 'byte');
  }
  return number < 1024 ** 2 ? `${Number((number / 1024).toFixed(1))} KiB` : `${Number((number / 1024 ** 2).toFixed(1))} MiB`;
}

/** Reads a time of the API, in milliseconds; null if it is none. */
export function time(text) {
  const millis = typeof text === 'string' && TIME.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(millis) ? null : millis;
}

/** `01:35:42` by the clock of the machine, with the day where it is not today's. */
export function clock(millis, now = millis) {
  const date = new Date(millis);
  const words = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
  const today = new Date(now);
  return date.toDateString() === today.toDateString() ? words : `${day(millis)} ${words}`;
}

/** `29 Nov`. */
export function day(millis) {
  const date = new Date(millis);
  return `${date.getDate()} ${date.toLocaleString('en-US', {month: 'short'})}`;
}

/** The time as the API writes it, for a hover. */
export function exact(millis) {
  return new Date(millis).toISOString();
}

/** Replaces the API's times within a sentence by those of the machine's clock. */
export function localTimes(sentence, now) {
  return String(sentence ?? '').replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (found) => {
    const millis = time(found);
    return millis === null ? found : clock(millis, now);
  });
}

/** The sentence of a condition without the section of the documentation that ends it. */
export function withoutSection(sentence) {
  return String(sentence ?? '').replace(/ \(see Troubleshooting, section [A-Za-z]+\)$/, '');
}
