// POST /orders: takes an order and leaves all that follows from it to Tasks.
import express from 'express';
import {kubeConfig, namespace, serve} from './settings.js';
import {Tasks} from './tasks.js';

const FOLLOW_UPS = {invoice: '0s', stock: '5s', mail: '30s', warehouse: '60s', reminder: '24h', review: '168h'};

const tasks = new Tasks(kubeConfig(), namespace);
const app = express();

app.post('/orders', express.json(), async (request, response) => {
  const id = request.body?.orderId;
  if (typeof id !== 'string' || !/^[A-Za-z0-9-]{1,64}$/.test(id)) {
    return response.status(400).json({problem: 'an order has an orderId of 1 to 64 letters, digits and "-"'});
  }
  try {
    const created = Object.entries(FOLLOW_UPS).map(([type, delay]) => tasks.create('order-tasks', `order_${id}-${type}`, {
      delay,
      httpRequest: {
        path: `/tasks/${type}`,
        headers: {'Content-Type': 'application/json'},
        body: JSON.stringify(request.body),
      },
    }, {order: id}));
    response.status(202).json({orderId: id, tasks: await Promise.all(created)});
  } catch (failure) {
    // The same order may be sent again: what is there already is not created twice.
    console.error(`Order ${id} could not be taken: ${failure.message}`);
    response.status(503).json({problem: 'not taken, or in part: send the same order again'});
  }
});

serve(app, 8090);
