// node fan-out.js send NAME CUSTOMERS: one request for each customer. node fan-out.js worker: the handlers.
import {createServer} from 'node:http';

const API_SERVER = process.env.API_SERVER || 'http://127.0.0.1:8001';
const MOST_ITEMS = 1000;

async function send(name, customers) {
  for (let start = 0; start < customers.length; start += MOST_ITEMS) {
    const part = customers.slice(start, start + MOST_ITEMS);
    // The first part has the same name whether there are others or not, so a repeated run finds it.
    await create(start === 0 ? name : `${name}-${start / MOST_ITEMS + 1}`, part);
  }
}

async function create(name, customers) {
  const lines = customers.map(customer => JSON.stringify({key: `customer-${customer}`, body: {customer}}));
  // Without Strict the API server drops a misspelt field.
  const url = `${API_SERVER}/apis/taskqueue.dev/v1beta1/namespaces/default/taskbatches?fieldValidation=Strict`;
  const answer = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({
    apiVersion: 'taskqueue.dev/v1beta1',
    kind: 'TaskBatch',
    metadata: {name},
    spec: {
      queueRef: {name: 'invoices'},
      template: {httpRequest: {path: '/invoice'}},
      lines: lines.join('\n'),
      onFinished: {httpRequest: {path: '/invoices-done'}},
    },
  })});
  if (answer.status === 409) console.log(`${name} is there already`);
  else if (answer.ok) console.log(`Created ${name} with ${customers.length} items`);
  else throw new Error(await answer.text());
}

function invoice({customer}) {
  if (customer === 13) return 422;
  console.log(`Invoice for customer ${customer}`);
  return 200;
}

function done(report) {
  console.log(`REPORT ${report.batch}: ${report.succeeded} of ${report.total} succeeded, failed: ${report.failedIndexes || 'none'}`);
  return 200;
}

function worker() {
  createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text || '{}');
    response.writeHead(request.url === '/invoices-done' ? done(body) : invoice(body)).end();
  }).listen(Number(process.env.PORT || 8080), process.env.HOST || '127.0.0.1');
}

const [what, name, count] = process.argv.slice(2);
if (what === 'send') await send(name, Array.from({length: Number(count)}, (_, index) => index + 1));
else worker();
