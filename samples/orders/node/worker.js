// Does what the Tasks say: each request is one attempt of one of them.
import express from 'express';
import {kubeConfig, namespace, serve} from './settings.js';
import {Refused, tokenCheck} from './token-check.js';

const ALERT_AFTER = 3;

// By type, what is done; in a real shop each of these calls a system of its own.
const DEEDS = new Map(Object.entries({
  invoice: 'Invoice written',
  stock: 'Stock reserved',
  mail: 'Confirmation mailed',
  warehouse: 'Warehouse told',
  reminder: 'Payment reminder mailed',
  review: 'Review asked for',
}));

// In a real shop: a unique column, written in one transaction with the deed.
const done = new Set();

const check = await tokenCheck(
  kubeConfig(),
  process.env.AUDIENCE || `http://order-worker.${namespace}.svc`,
  `system:serviceaccount:${namespace}:task-dispatcher`,
);
const app = express();
const verified = express.Router();

// First of all: the other headers are worth something from the operator only.
verified.use(async (request, response, next) => {
  try {
    await check(request.get('Authorization'));
    next();
  } catch (failure) {
    const refused = failure instanceof Refused;
    console.log(`${refused ? 'REFUSED' : 'NO KEYS'}: ${failure.message}`);
    response.sendStatus(refused ? 401 : 503);
  }
});

verified.post('/tasks/:type', express.text({type: '*/*', limit: '1mb'}), (request, response) => {
  const task = request.get('X-CloudTasks-TaskName');
  const {type} = request.params;
  const deed = DEEDS.get(type);
  const order = orderId(request.body);
  if (!deed || !order) {
    console.log(`POISON: ${task} ${deed ? 'holds no order with a price' : 'is of no known type'}`);
    return poison(response);
  }
  const failures = Number(request.get('X-CloudTasks-TaskRetryCount'));
  if (failures >= ALERT_AFTER) console.log(`ALERT: ${task} has failed ${failures} times`);
  // The type that is not available at the moment, to see retries.
  if (type === process.env.FAIL) return response.sendStatus(503);
  const key = request.get('Idempotency-Key');
  if (!done.has(key)) console.log(`${deed} for order ${order}`);
  done.add(key);
  response.sendStatus(204);
});

verified.post('/dead-letters', (request, response) => {
  const [task, queue, reason] = ['X-CloudTasks-TaskName', 'TaskQueue-DeadLetter-Queue', 'TaskQueue-DeadLetter-Reason']
    .map((name) => request.get(name));
  console.log(`DEAD LETTER: ${task} of ${queue}: ${reason}`);
  response.sendStatus(204);
});

verified.use((request, response) => poison(response));

/** The Task fails for good, whatever attempts it has left. */
function poison(response) {
  response.set('TaskQueue-No-Retry', 'true').sendStatus(422);
}

/** Empty where it is no order that can be worked on. */
function orderId(body) {
  try {
    const order = JSON.parse(body);
    return /^[0-9]{1,9}([.][0-9]{2})?$/.test(order.amount) ? order.orderId : '';
  } catch {
    return '';
  }
}

serve(app, 8080);
app.use(verified);
