import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const tls = (file: string) =>
  readFileSync(join(import.meta.dirname, '../../fixtures/tls', file), 'utf8');

/** An address of the public internet. */
const ADDRESS = '8.0.0.8';
const HOST = 'hooks.test';

/** A request that the endpoint received. */
export interface Received {
  readonly path: string;
  readonly id: string;
  readonly type: string;
  /** Returns true if one of its signatures is right by this secret. */
  isSignedBy(secret: string): boolean;
  readonly signatures: number;
}

/** A tenant's endpoint at `https://hooks.test`, as a host on the public internet. */
export interface WebhookEndpoint {
  readonly internet: { ports: Record<string, number>; ca: string };
  /** In the order of their arrival. */
  readonly received: Received[];
  /** The status that a path answers with; 200 where it has none, no answer at all for 0. */
  readonly statuses: Map<string, number>;
  /** Puts its name into the customers' DNS of a local run. */
  publish(customerDns: string): Promise<void>;
  close(): void;
}

const webhookFields = (headers: IncomingHttpHeaders) => ({
  id: String(headers['webhook-id']),
  timestamp: String(headers['webhook-timestamp']),
  signature: String(headers['webhook-signature']),
});

export async function startWebhookEndpoint(): Promise<WebhookEndpoint> {
  const received: Received[] = [];
  const statuses = new Map<string, number>();
  const server = createServer(
    { key: tls('hooks.test.key.pem'), cert: tls('hooks.test.pem') },
    (request, response) => {
      const path = request.url ?? '';
      void text(request).then((body) => {
        const { id, timestamp, signature } = webhookFields(request.headers);
        const given = signature.split(' ');
        received.push({
          path,
          id,
          type: (JSON.parse(body) as { type: string }).type,
          signatures: given.length,
          isSignedBy: (secret) => {
            const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
            const hmac = createHmac('sha256', key);
            hmac.update(`${id}.${timestamp}.${body}`);
            return given.includes(`v1,${hmac.digest('base64')}`);
          },
        });
        const status = statuses.get(path) ?? 200;
        if (status !== 0) response.writeHead(status).end();
      });
    },
  );
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    internet: { ports: { [ADDRESS]: port }, ca: tls('hooks.test.pem') },
    received,
    statuses,
    publish: (customerDns) =>
      writeFile(join(customerDns, `${HOST}.zone`), `${HOST}. 60 IN A ${ADDRESS}\n`),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
