// The same steps with each transport of Google's Node client: prints what comes back, for a comparison with transcript.txt.
// Usage: node steps.cjs TRANSPORT, which is grpc or rest. Everything else is found in the environment, as in a Pod.
const {CloudTasksClient, protos} = require('@google-cloud/tasks');

const transport = process.argv[2];
const v2 = protos.google.cloud.tasks.v2;
const HTTP = {3: 400, 5: 404, 6: 409, 7: 403};

const queueId = `node-${transport}`;
const short = text => text.replace(queueId, 'QUEUE');
const print = (what, ...values) => console.log(`${what}: ${values.join(' ')}`);
// gRPC gives names of enum values, REST gives numbers.
const nameOf = (type, value) => (typeof value === 'number' ? type[value] : value);

async function refused(what, call) {
  try {
    print(what, JSON.stringify(await call()));
  } catch (refusal) {
    // Over REST the client gives the whole answer.
    const sentence = refusal.message.startsWith('{') ? JSON.parse(refusal.message).error.message : refusal.details;
    print(what, `refused, ${HTTP[refusal.code] || refusal.code}, ${sentence.substring(0, 40).trim()}`);
  }
}

async function main() {
  const client = new CloudTasksClient({fallback: transport === 'rest'});
  const parent = client.locationPath('demo', 'us-central1');
  const name = client.queuePath('demo', 'us-central1', queueId);
  const newQueue = {
    name,
    rateLimits: {maxDispatchesPerSecond: 5, maxConcurrentDispatches: 2},
    retryConfig: {maxAttempts: 7, minBackoff: {seconds: 2}},
  };

  const [queue] = await client.createQueue({parent, queue: newQueue});
  print('created queue', short(queue.name), nameOf(v2.Queue.State, queue.state), queue.rateLimits.maxDispatchesPerSecond,
    queue.rateLimits.maxConcurrentDispatches, queue.retryConfig.maxAttempts, `${queue.retryConfig.minBackoff.seconds}s`);
  await refused('created queue again', () => client.createQueue({parent, queue: newQueue}));
  const [updated] = await client.updateQueue({
    queue: {name, rateLimits: {maxDispatchesPerSecond: 9}},
    updateMask: {paths: ['rate_limits.max_dispatches_per_second']},
  });
  print('updated queue', updated.rateLimits.maxDispatchesPerSecond, updated.rateLimits.maxConcurrentDispatches);
  print('paused queue', nameOf(v2.Queue.State, (await client.pauseQueue({name}))[0].state));
  print('resumed queue', nameOf(v2.Queue.State, (await client.resumeQueue({name}))[0].state));
  const [queues] = await client.listQueues({parent});
  print('listed queue', queues.some(one => one.name === name));
  const locations = [];
  for await (const location of client.listLocationsAsync({name: 'projects/demo'})) locations.push(location.locationId);
  print('location', ...locations);
  const [granted] = await client.testIamPermissions({resource: name, permissions: ['cloudtasks.tasks.create']});
  print('granted', ...granted.permissions);

  const task = {
    name: client.taskPath('demo', 'us-central1', queueId, 'order_4711-invoice'),
    httpRequest: {
      url: 'http://order-worker/tasks/invoice',
      httpMethod: 'PUT',
      headers: {'Content-Type': 'application/json'},
      body: Buffer.from('{"orderId": "4711"}').toString('base64'),
    },
    dispatchDeadline: {seconds: 60},
  };
  const [created] = await client.createTask({parent: name, task});
  print('created task', short(created.name), created.httpRequest.url, nameOf(v2.HttpMethod, created.httpRequest.httpMethod));
  await refused('created task again', () => client.createTask({parent: name, task}));
  const [read] = await client.getTask({name: created.name, responseView: 'FULL'});
  print('read task', Buffer.from(read.httpRequest.body, 'base64').toString(), `${read.dispatchDeadline.seconds}s`,
    nameOf(v2.Task.View, read.view));

  const seconds = Math.floor(Date.now() / 1000) + 3600;
  const later = {httpRequest: {url: 'http://order-worker/'}, scheduleTime: {seconds, nanos: 123456000}};
  const [scheduled] = await client.createTask({parent: name, task: later});
  const time = scheduled.scheduleTime;
  print('scheduled task', Number(time.seconds) === seconds && time.nanos === 123456000 ? 'as asked' : JSON.stringify(time));
  const mail = {httpRequest: {url: 'https://my-worker.run.app/mails', oidcToken: {serviceAccountEmail: 'sa@demo.iam.gserviceaccount.com'}}};
  const token = (await client.createTask({parent: name, task: mail}))[0].httpRequest.oidcToken;
  print('task with a token', token.serviceAccountEmail, token.audience);
  const visit = {
    appEngineHttpRequest: {
      relativeUri: '/mails?id=7',
      appEngineRouting: {service: 'worker', version: 'v2'},
      body: Buffer.from('hello').toString('base64'),
    },
  };
  const target = (await client.createTask({parent: name, task: visit}))[0].appEngineHttpRequest;
  print('task for App Engine', target.relativeUri, target.appEngineRouting.service, target.appEngineRouting.version);

  const [tasks] = await client.listTasks({parent: name, pageSize: 3});
  print('listed tasks', tasks.length);
  print('ran task', short((await client.runTask({name: created.name}))[0].name));
  await client.deleteTask({name: created.name});
  console.log('deleted task');
  await refused('read task again', () => client.getTask({name: created.name}));
  await refused('wrong url', () => client.createTask({parent: name, task: {httpRequest: {url: 'ftp://x'}}}));
  await refused('foreign project', () => client.getQueue({name: 'projects/other/locations/us-central1/queues/q'}));
  print('purged queue', nameOf(v2.Queue.State, (await client.purgeQueue({name}))[0].state));
  await client.deleteQueue({name});
  console.log('deleted queue');
  await refused('read queue again', () => client.getQueue({name}));
}

main();
