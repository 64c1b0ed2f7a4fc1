// Answers every request with 200, and counts the jobs that arrived.
import { createServer } from 'node:http';

const seen = new Set();
let wanted = Infinity;

const server = createServer((request, response) => {
  request.resume();
  seen.add(request.headers['x-job']);
  response.end();
  if (seen.size === wanted) {
    process.send({ done: true, cpu: process.cpuUsage() });
  }
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', ({ jobs }) => {
  seen.clear();
  wanted = jobs;
  process.send({ cpu: process.cpuUsage() });
});
