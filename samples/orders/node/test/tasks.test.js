import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {test} from 'node:test';
import {KubeConfig} from '@kubernetes/client-node';
import {Tasks} from '../tasks.js';

test('the API server is asked to refuse a misspelt field', async () => {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    response.writeHead(201, {'Content-Type': 'application/json'}).end('{}');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    const config = new KubeConfig();
    config.loadFromClusterAndUser({name: 'test', server: `http://127.0.0.1:${server.address().port}`, skipTLSVerify: true}, {name: 'test'});
    await new Tasks(config, 'shop').create('order-tasks', 'order_4711-mail', {});
  } finally {
    server.closeAllConnections();
    server.close();
  }
  assert.deepEqual(asked, ['POST /apis/taskqueue.dev/v1beta1/namespaces/shop/tasks?fieldValidation=Strict']);
});
