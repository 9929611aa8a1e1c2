// node webhook.mjs: takes events in, by their signature.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

const { SECRET = '', PORT = '8080' } = process.env;
const TOLERANCE_SECONDS = 300;

/** Returns true if a request was signed by the secret, minutes ago at most. */
function isGenuine(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': given = '' } = headers;
  if (!(Math.abs(Date.now() / 1_000 - Number(at)) <= TOLERANCE_SECONDS)) return false;
  const key = Buffer.from(SECRET.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest();
  // While a secret is replaced there is one signature by each.
  return given.split(' ').some((each) => {
    const signature = Buffer.from(each.replace('v1,', ''), 'base64');
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  });
}

const server = createServer(async (request, response) => {
  // The octets as they came: what is parsed and written again may differ.
  const body = await buffer(request);
  if (!isGenuine(request.headers, body)) return response.writeHead(400).end();
  const event = JSON.parse(body.toString());
  console.log(`${request.headers['webhook-id']} ${event.type}`);
  response.writeHead(204).end();
});
server.listen(Number(PORT), '127.0.0.1');
