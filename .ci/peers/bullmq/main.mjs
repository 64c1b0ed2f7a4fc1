// Starts Redis, the HTTP server and the worker, adds the jobs, and prints what they cost.
import { fork, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { Queue } from 'bullmq';

const [jobs, concurrency] = process.argv.slice(2).map(Number);
const CORES = 2;
const BULK = 1_000;

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function next(child, message) {
  const answer = once(child, 'message');
  if (message) {
    child.send(message);
  }
  return (await answer)[0];
}

const seconds = ({ user, system }) => (user + system) / 1e6;

const port = await freePort();
const folder = mkdtempSync('redis-');
// As in production: every second what happened is on disk.
const redis = spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''], {
  stdio: 'ignore',
});
const sink = fork('sink.mjs');
const { port: sinkPort } = await next(sink);
const connection = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 100, maxRetriesPerRequest: null });
const queue = new Queue('bench', { connection });
queue.on('error', () => {});
await queue.waitUntilReady();
const worker = fork('worker.mjs', [port, sinkPort, concurrency]);
await next(worker);

async function redisCpu() {
  const info = await connection.info('cpu');
  const of = (name) => Number(info.match(new RegExp(`${name}:([0-9.]+)`))[1]);
  return of('used_cpu_user') + of('used_cpu_sys');
}

async function run(count) {
  const before = {
    redis: await redisCpu(),
    worker: seconds((await next(worker, {})).cpu),
    sink: seconds((await next(sink, { jobs: count })).cpu),
    producer: seconds(process.cpuUsage()),
  };
  const begun = process.hrtime.bigint();
  const done = once(sink, 'message');
  for (let i = 0; i < count; i += BULK) {
    await queue.addBulk(Array.from({ length: Math.min(BULK, count - i) }, (_, k) => ({ name: 'deliver', data: { order: i + k } })));
  }
  const sinkAfter = seconds((await done)[0].cpu);
  while ((await queue.getJobCountByTypes('wait', 'active')) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const wall = Number(process.hrtime.bigint() - begun) / 1e9;
  const cost = {
    redis: (await redisCpu()) - before.redis,
    worker: seconds((await next(worker, {})).cpu) - before.worker,
    'producer and HTTP server': sinkAfter - before.sink + seconds(process.cpuUsage()) - before.producer,
  };
  return { wall, cost };
}

try {
  await run(Math.min(5_000, jobs));
  const { wall, cost } = await run(jobs);
  const all = Object.values(cost).reduce((sum, each) => sum + each, 0);
  console.log(`BullMQ: ${jobs} jobs, concurrency ${concurrency}`);
  console.log(`jobs/s: ${(jobs / wall).toFixed(0)}`);
  console.log(`jobs/s by CPU, all processes: ${((CORES * jobs) / all).toFixed(0)}`);
  for (const [name, value] of Object.entries(cost)) {
    console.log(`${name}, CPU s per 1,000: ${((1_000 * value) / jobs).toFixed(3)}`);
  }
  console.log(`together, CPU s per 1,000: ${((1_000 * all) / jobs).toFixed(3)}`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  worker.kill();
  sink.kill();
  redis.kill();
  process.exit();
}
