// Reminds a customer of a cart that is left behind. Usage: node carts.js CART [SECONDS]
const {CloudTasksClient} = require('@google-cloud/tasks');

const PROJECT = process.env.GOOGLE_CLOUD_PROJECT || 'shop-prod';
const LOCATION = 'europe-west1';
const QUEUE = 'cart-reminders';
const CARTS_URL = process.env.CARTS_URL || 'https://carts.shop.example';
const ALREADY_EXISTS = 6;

const client = new CloudTasksClient();

async function remind(cartId, inSeconds) {
  const parent = client.queuePath(PROJECT, LOCATION, QUEUE);
  const task = {
    name: client.taskPath(PROJECT, LOCATION, QUEUE, `cart_${cartId}-reminder`),
    httpRequest: {
      httpMethod: 'POST',
      url: `${CARTS_URL}/reminders`,
      headers: {'Content-Type': 'application/json'},
      body: Buffer.from(JSON.stringify({cartId})).toString('base64'),
    },
    scheduleTime: {seconds: Math.floor(Date.now() / 1000) + inSeconds},
  };
  try {
    const [created] = await client.createTask({parent, task});
    console.log(`Reminder of cart ${cartId} at ${new Date(created.scheduleTime.seconds * 1000).toISOString()}: ${created.name}`);
  } catch (error) {
    if (error.code !== ALREADY_EXISTS) throw error;
    console.log(`Cart ${cartId} has its reminder already`);
  }
}

const [cartId, seconds = '86400'] = process.argv.slice(2);
remind(cartId, Number(seconds)).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
