// node send.mjs FROM TO: sends a mail, and prints its id and status.
import { call } from './call.mjs';

const [from, to] = process.argv.slice(2);
const body = { from, to: [to], subject: 'Your order 1042', text: 'It is on its way.' };
// By the key the same order is sent once, however often this is run.
const { id, status } = await call('POST', '/v1/messages', { body, idempotencyKey: 'order-1042' });
console.log(`${id} ${status}`);
