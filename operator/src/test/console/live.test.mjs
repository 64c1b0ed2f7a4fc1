import assert from 'node:assert/strict';
import {mock, test} from 'node:test';
import {Live} from '../../main/resources/console/live.js';

const object = (name, version) => ({metadata: {namespace: 'shop', name, resourceVersion: version}});

/** An API whose lists and watches a test answers one by one. */
class ScriptedApi {
  asked = [];
  #answers = [];

  then(answer) {
    this.#answers.push(answer);
    return this;
  }

  serverNow() {
    return 0;
  }

  async get(path, query) {
    this.asked.push(['list', query.continue ?? '']);
    return this.#next();
  }

  async watch(path, query, seen, signal) {
    this.asked.push(['watch', query.resourceVersion]);
    const answer = this.#next();
    if (answer === 'open') {
      seen({type: 'OPENED'});
      return new Promise((done) => signal.addEventListener('abort', done));
    }
    for (const event of answer) {
      seen(event);
    }
    throw Object.assign(new Error('lost'), {code: 0});
  }

  #next() {
    const answer = this.#answers.shift() ?? 'open';
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  }
}

const failure = (code) => Object.assign(new Error(`answered ${code}`), {code});
const page = (names, version, next) => ({items: names.map((name) => object(name, version)), metadata: {resourceVersion: version, continue: next}});

/** Lets everything happen that happens without time, and then the time of every pause. */
async function run(rounds) {
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < 20; turn++) {
      await Promise.resolve();
    }
    mock.timers.tick(60_000);
  }
}

async function played(api, rounds = 4) {
  mock.timers.enable({apis: ['setTimeout']});
  try {
    const live = new Live(api, 'queues', {}, () => {});
    live.start();
    await run(rounds);
    live.stop();
    return live;
  } finally {
    mock.timers.reset();
  }
}

test('all pages of a list are read, and the watch begins where they end', async () => {
  const api = new ScriptedApi().then(page(['a'], '5', 'next')).then(page(['b'], '6'));
  const live = await played(api);
  assert.deepEqual([...live.objects.keys()], ['shop/a', 'shop/b']);
  assert.deepEqual(api.asked, [['list', ''], ['list', 'next'], ['watch', '6']]);
  assert.equal(live.state.phase, 'live');
});

test('a lost watch goes on from the last version, also of a bookmark, without a new list', async () => {
  const api = new ScriptedApi().then(page(['a', 'b'], '5'))
    .then([{type: 'DELETED', object: object('a', '6')}, {type: 'BOOKMARK', object: object('', '9')}])
    .then(failure(502)).then('open');
  const live = await played(api);
  assert.deepEqual([...live.objects.keys()], ['shop/b']);
  assert.deepEqual(api.asked, [['list', ''], ['watch', '5'], ['watch', '9'], ['watch', '9']]);
  assert.equal(live.state.phase, 'live');
});

test('a version that is too old is listed anew, and what is gone goes', async () => {
  const api = new ScriptedApi().then(page(['a', 'b'], '5')).then(failure(410)).then(page(['b'], '9'));
  const live = await played(api);
  assert.deepEqual([...live.objects.keys()], ['shop/b']);
  assert.deepEqual(api.asked, [['list', ''], ['watch', '5'], ['list', ''], ['watch', '9']]);
});

test('what is refused is told, and asked again now and then', async () => {
  const api = new ScriptedApi().then(failure(403)).then(failure(403)).then(page(['a'], '5'));
  const live = await played(api);
  assert.equal(live.state.phase, 'live');
  assert.equal(api.asked.filter(([what]) => what === 'list').length, 3);
});

test('what was read stays while the watch is lost', async () => {
  const api = new ScriptedApi().then(page(['a'], '5'));
  for (let loss = 0; loss < 50; loss++) {
    api.then(failure(0));
  }
  const live = await played(api);
  assert.equal(live.state.phase, 'lost');
  assert.deepEqual([...live.objects.keys()], ['shop/a']);
});

test('a watch that ends at once is not opened again and again without a pause', async () => {
  const api = new ScriptedApi().then(page(['a'], '5'));
  api.watch = async () => {
    api.asked.push(['watch', '']);
  };
  await played(api, 1);
  assert.equal(api.asked.filter(([what]) => what === 'watch').length, 1);
});
