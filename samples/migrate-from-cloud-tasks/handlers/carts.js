// The carts: POST /reminders sends a reminder.
const {createServer} = require('node:http');

createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const task = request.headers['x-cloudtasks-taskname'];
  if (request.method !== 'POST' || request.url !== '/reminders' || !task) {
    response.writeHead(404).end();
    return;
  }
  console.log(`Reminder of cart ${JSON.parse(body).cartId}, task ${task} of ${request.headers['x-cloudtasks-queuename']}`);
  response.writeHead(204).end();
}).listen(Number(process.env.PORT || 8080), process.env.HOST);
