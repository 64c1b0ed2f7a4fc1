// Sends an HTTP request for each job. A job is done when the answer is there.
import { Agent, request } from 'node:http';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';

const [redis, sink, concurrency] = process.argv.slice(2).map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: concurrency });

function send(job) {
  return new Promise((resolve, reject) => {
    const headers = { 'x-job': job.id, 'content-length': 0 };
    request({ host: '127.0.0.1', port: sink, method: 'POST', path: '/', agent, headers }, (response) => {
      response.resume();
      response.on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}

const worker = new Worker('bench', send, {
  connection: new Redis({ host: '127.0.0.1', port: redis, maxRetriesPerRequest: null }),
  concurrency,
  removeOnComplete: { count: 0 },
});
worker.on('error', (error) => console.error(error.message));
await worker.waitUntilReady();
process.on('message', () => process.send({ cpu: process.cpuUsage() }));
process.send({ ready: true });
