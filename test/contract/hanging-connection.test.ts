import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, expect, test } from 'vitest';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { requestTimeouts } from '#shared/adapters/aws/request-timeouts.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('a connection that hangs costs a try, and the next one has the answer', async () => {
  let requests = 0;
  server = createServer((_, response) => {
    requests += 1;
    if (requests === 1) return;
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end('{"Item":{"pk":{"S":"a"}}}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = documentClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: requestTimeouts({ connectionMs: 500, requestMs: 200 }),
  });
  const { Item: item } = await client.send(new GetCommand({ TableName: 't', Key: { pk: 'a' } }));
  client.destroy();
  expect(item).toEqual({ pk: 'a' });
  expect(requests).toBe(2);
});
