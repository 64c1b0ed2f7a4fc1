/** The items of a TaskBatch, as its status counts them. Pure. */

/** `INDEX:attempts/answers/others@FIRST+NEXT!CODE~EARLIER`; the two counts in the middle may be left out. A D behind the code 0 is a timeout. */
const WAITING = /^(\d+):(\d+)(?:\/\d+\/\d+)?@-?\d+\+(-?\d+)!(\d+)D?(?:~(\d+))?$/;
/** `INDEX!CODE~ATTEMPTS`, with a letter for the reason behind the code. */
const ENDED = /^(\d+)!(\d+)[A-Z]?~(\d+)$/;

/** Reads ranges such as `0-41,43` into pairs of the first and the last index. What cannot be read is left out. */
export function readRanges(text) {
  return String(text ?? '')
    .split(',')
    .map((part) => /^(\d+)(?:-(\d+))?$/.exec(part.trim()))
    .filter(Boolean)
    .map(([, from, to]) => [Number(from), Number(to ?? from)]);
}

/** All indexes of ranges, at most `most` of them. */
export function indexes(text, most = 1000) {
  const all = [];
  for (const [from, to] of readRanges(text)) {
    for (let index = from; index <= to && all.length < most; index++) {
      all.push(index);
    }
  }
  return all;
}

/** Reads `status.retries`: index to `{attempts, code, nextAt, ended}`. */
export function readRetries(retries, startAt) {
  const found = new Map();
  for (const entry of Object.values(retries ?? {}).flatMap((chunk) => String(chunk).split(' '))) {
    const waiting = WAITING.exec(entry);
    const ended = ENDED.exec(entry);
    if (waiting) {
      found.set(Number(waiting[1]), {
        attempts: Number(waiting[2]) + Number(waiting[5] ?? 0),
        nextAt: startAt === null ? null : startAt + Number(waiting[3]),
        code: Number(waiting[4]) || null,
        ended: false,
      });
    } else if (ended) {
      found.set(Number(ended[1]), {attempts: Number(ended[3]), nextAt: null, code: Number(ended[2]) || null, ended: true});
    }
  }
  return found;
}

/**
 * Divides the items into cells of equal size. Each cell says how many of its items ended how.
 *
 * @param most cells; fewer if there are fewer items
 */
export function cells(status, most) {
  const total = Number(status?.counts?.total ?? 0);
  const number = Math.min(most, total);
  const list = Array.from({length: number}, (_, cell) => ({
    from: Math.floor((cell * total) / number),
    to: Math.floor(((cell + 1) * total) / number) - 1,
    succeeded: 0, failed: 0, skipped: 0, backingOff: 0, dispatching: 0,
  }));
  const add = (index, kind) => {
    const cell = list[Math.min(number - 1, Math.floor(((index + 1) * number - 1) / total))];
    if (cell && index < total) {
      cell[kind]++;
    }
  };
  for (const kind of ['succeeded', 'failed', 'skipped']) {
    indexes(status?.[kind]).forEach((index) => add(index, kind));
  }
  const inFlight = new Set((status?.claims ?? []).flatMap((claim) => indexes(claim.indexes)));
  inFlight.forEach((index) => add(index, 'dispatching'));
  for (const [index, retry] of readRetries(status?.retries, null)) {
    if (!retry.ended && !inFlight.has(index)) {
      add(index, 'backingOff');
    }
  }
  return list;
}

/** The failed items: the ones with a message first, then those of which only number and last code are kept. */
export function failedItems(status) {
  const told = new Map((status?.failures ?? []).map((failure) => [failure.index, failure]));
  const retries = readRetries(status?.retries, null);
  return indexes(status?.failed).map((index) => {
    const failure = told.get(index);
    const retry = retries.get(index);
    return {
      index,
      key: failure?.key ?? '',
      attempts: failure?.attempts ?? retry?.attempts ?? null,
      code: failure?.statusCode ?? retry?.code ?? null,
      reason: failure?.reason ?? '',
      message: failure?.message ?? '',
      time: failure?.time ?? null,
    };
  });
}
