import assert from 'node:assert/strict';
import {test} from 'node:test';
import {compareRows, concerns, figures, firstDue, keeps, needsLook, notInForce, settings, stateOf} from '../../main/resources/console/concerns.js';

const NOW = Date.parse('2026-11-29T12:00:00Z');

function queue(stats = {}, rest = {}) {
  return {metadata: {namespace: 'shop', name: 'mail', generation: 2, annotations: rest.annotations}, spec: rest.spec ?? {}, status: {observedGeneration: 2, state: rest.state ?? 'Running', stats, conditions: rest.conditions ?? []}};
}

const kinds = (of) => concerns(of, NOW).map((concern) => concern.kind);

test('a healthy queue has no concern', () => {
  assert.deepEqual(kinds(queue({tasks: 5, queued: 5, oldestDueTime: '2026-11-29T11:59:30Z'})), []);
});

test('concerns come worst first, and the first five kinds need a look', () => {
  const all = queue(
    {queued: 9, waiting: {TargetNotFound: 2, NoReadyEndpoint: 3}, failedRetained: 4, oldestDueTime: '2026-11-29T11:00:00Z'},
    {conditions: [{type: 'Ready', status: 'False', reason: 'InvalidSpec', message: 'wrong'}, {type: 'Throttled', status: 'True', reason: 'Overloaded'}]});
  assert.deepEqual(kinds(all), ['invalid', 'waiting', 'waiting', 'throttled', 'failed', 'behind']);
  assert.equal(concerns(all, NOW)[1].text, '3 wait: NoReadyEndpoint');
  assert.ok(concerns(all, NOW).every((concern) => concern.look));
});

test('held and paused are told and need no look', () => {
  const held = queue({}, {state: 'Held', annotations: {'taskqueue.dev/hold': 'Anna: moving', 'taskqueue.dev/hold-until': '2026-11-29T14:00:00Z'}});
  assert.equal(concerns(held, NOW)[0].text, 'held, ends in 2h: Anna: moving');
  const long = queue({}, {state: 'Held', annotations: {'taskqueue.dev/hold': 'Anna: moving'}, conditions: [{type: 'Paused', status: 'True', reason: 'Held', lastTransitionTime: '2026-11-22T10:00:00Z'}]});
  assert.equal(concerns(long, NOW)[0].text, 'held for 7d 2h: Anna: moving');
  assert.equal(needsLook(concerns(held, NOW)), false);
  const both = {...long, spec: {state: 'Paused'}};
  assert.equal(concerns(both, NOW)[0].text, 'held and stopped for 7d 2h: Anna: moving');
  const over = queue({}, {state: 'Held', annotations: {'taskqueue.dev/hold': 'Anna: moving', 'taskqueue.dev/hold-until': '2026-11-29T11:50:00Z'}});
  assert.equal(concerns(over, NOW)[0].text, 'held, should have ended 10m ago: Anna: moving');
  assert.deepEqual(kinds(queue({}, {state: 'Paused'})), ['paused']);
  const since = queue({}, {state: 'Paused', conditions: [{type: 'Paused', status: 'True', lastTransitionTime: '2026-11-22T10:00:00Z'}]});
  assert.equal(concerns(since, NOW)[0].text, 'paused by its spec, for 7d 2h');
});

test('retries are told, and need a look where most attempts fail', () => {
  assert.deepEqual(kinds(queue({queued: 100, backingOff: 4})), []);
  const some = concerns(queue({queued: 20, backingOff: 4, scheduled: 900}), NOW);
  assert.equal(some[0].text, '4 back off after a failed attempt');
  assert.equal(needsLook(some), false);
  const most = concerns(queue({queued: 1, dispatching: 1, backingOff: 20}), NOW);
  assert.equal(most[0].text, 'attempts fail: 20 of 22 back off');
  assert.ok(needsLook(most));
});

test('a queue tells how it keeps its Tasks', () => {
  const blocked = [{type: 'Blocked', status: 'True', reason: 'WriteRefused', message: 'The API server refuses. (see Troubleshooting, section WriteRefused)'}];
  assert.deepEqual(keeps(queue({waiting: {WriteRefused: 3}}, {conditions: blocked}), NOW), {title: 'Its queue is kept by the API server.', text: 'The API server refuses.'});
  assert.equal(keeps(queue({}, {state: 'Held'}), NOW).title, 'Its queue is held.');
  assert.equal(keeps(queue({}, {conditions: [{type: 'Throttled', status: 'True'}]}), NOW).title, 'Its queue is slowed down.');
  assert.equal(keeps(queue({waiting: {NoReadyEndpoint: 3}}), NOW), null);
});

test('a late queue says what uses it up', () => {
  const late = {queued: 20, oldestDueTime: '2026-11-29T11:55:00Z'};
  const text = (stats, limits) => concerns(queue({...late, ...stats}, {spec: {rateLimits: limits}}), NOW)[0].text;
  assert.match(text({dispatching: 10}, {maxConcurrentDispatches: 10}), /all 10 slots are busy$/);
  assert.match(text({executedLastMinute: 28}, {maxDispatchesPerSecond: '0.5'}), /the rate is used up$/);
  assert.equal(text({}, {}), 'behind by 5m');
});

test('a queue is not behind by what waits for a mended cause, nor while it is paused', () => {
  const late = {queued: 3, oldestDueTime: '2026-11-29T11:00:00Z'};
  assert.deepEqual(kinds(queue({...late, waiting: {NoReadyEndpoint: 3}})), ['waiting']);
  assert.deepEqual(kinds(queue(late, {state: 'Paused'})), ['paused']);
});

test('unknown states and reasons are passed on as they are', () => {
  assert.equal(stateOf(queue({}, {state: 'Frozen'})), 'Frozen');
  assert.equal(stateOf({metadata: {}, spec: {}}), 'New');
  assert.equal(concerns(queue({waiting: {'<b>New</b>': 1}}), NOW)[0].text, '1 waits: <b>New</b>');
});

test('rows are sorted by the worst concern, then by weight, then by name', () => {
  const row = (key, of) => ({key, concerns: concerns(of, NOW), figures: figures(of)});
  const rows = [row('b', queue()), row('c', queue({failedRetained: 2})), row('d', queue({failedRetained: 9})), row('a', queue()), row('e', queue({waiting: {QueueNotFound: 1}}))];
  assert.deepEqual(rows.sort(compareRows).map((each) => each.key), ['e', 'd', 'c', 'a', 'b']);
});

test('figures take the defaults of the API where the spec is silent', () => {
  assert.equal(figures({}).rate, 500);
  assert.equal(figures({}).concurrency, 1000);
  assert.equal(figures({spec: {rateLimits: {maxDispatchesPerSecond: '500m'}}}).enforced, 0.5);
});

test('the first due time is exact where a Task is due, else the hour in which one comes', () => {
  assert.equal(firstDue(figures(queue({oldestDueTime: '2026-11-29T11:00:00Z'})), NOW), NOW - 3_600_000);
  assert.equal(firstDue(figures(queue({dueByHour: {'2026-11-29T15:00Z': 1, '2026-11-29T14:00Z': 2}})), NOW), NOW + 7_200_000);
  assert.equal(firstDue(figures(queue()), NOW), null);
});

test('a change that the operator has not seen is told', () => {
  assert.equal(notInForce(queue()), null);
  assert.deepEqual(notInForce({metadata: {generation: 3}, status: {observedGeneration: 2}}), {seen: 2, wanted: 3});
});

test('settings are told in words, with defaults', () => {
  const told = Object.fromEntries(settings({spec: {retry: {maxAttempts: -1, maxRetryDuration: '1h', giveUp: 'WhenEither'}}}));
  assert.equal(told.Attempts, 'without limit or 1h');
  assert.equal(told.Backoff, '100ms to 1h, doubled 16 times');
});
