import { writeFile } from 'node:fs/promises';
import dns from 'node:dns';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startUnbound, unboundIsInstalled, type Unbound } from '../support/unbound.ts';
import { until, type DomainDocument } from './support/api.ts';
import { sharedService, type Service } from './support/service.ts';
import { mailauth } from './support/verifiers.ts';

const PARENT = 'delegating.example';
const NAME = `mail.${PARENT}`;

const installed = unboundIsInstalled();
if (!installed) {
  console.warn(
    '\nSKIPPED: unbound is not installed (apt-get install unbound): a delegation was NOT tested with a real resolver.\n',
  );
}

let service: Service;
let unbound: Unbound | undefined;
beforeAll(async () => {
  service = await sharedService();
});
afterAll(async () => {
  await unbound?.stop();
  await service?.stop();
});

const customerZone = (records: string): Promise<void> =>
  writeFile(join(service.customerDns, `${PARENT}.zone`), records);

test.skipIf(!installed && process.env['CI'] === undefined)(
  'one NS record set is all that a customer publishes, and the mail verifies through unbound',
  async () => {
    const { api } = service;
    await customerZone(`www.${PARENT}. 60 IN A 192.0.2.1\n`);
    const claimed = await api.request<DomainDocument>('POST', '/v1/domains', {
      json: { name: NAME, hosting: 'delegated' },
    });
    expect([claimed.status, claimed.body.records]).toMatchObject([
      201,
      [{ id: 'delegation', name: NAME, type: 'NS', required: true }],
    ]);
    await api.check(NAME);
    await customerZone(await api.zoneFile(NAME));
    const { body } = await until(
      'verified and ready',
      () => api.check(NAME),
      (answer) => answer.body.status === 'verified' && answer.body.sending === 'ready',
      120,
    );
    expect(body.records.map(({ id, status }) => [id, status])).toEqual([['delegation', 'ok']]);

    unbound = await startUnbound({ port: service.dnsPort }, 'signed.test');
    const resolver = new dns.promises.Resolver();
    resolver.setServers([`${unbound.address}:${unbound.port}`]);
    expect(await resolver.resolveMx(`bounces.${NAME}`)).toHaveLength(1);
    expect((await resolver.resolveTxt(`_dmarc.${NAME}`)).flat().join('')).toMatch(/^v=DMARC1;/);
    expect((await resolver.resolveTxt(NAME)).flat().join('')).toMatch(/^v=spf1 include:/);

    const raw = `From: ann@${NAME}\r\nTo: success@simulator.amazonses.com\r\nSubject: Hi\r\n\r\nHi.\r\n`;
    // Refused as busy where another wrote the same items.
    const sent = await until(
      'acceptance',
      () => api.send(raw),
      ({ status }) => status === 202,
    );
    await until(
      'delivery',
      () => api.message(sent.body.id),
      (answer) => answer.body.status === 'delivered',
      60,
    );
    const mail = (await service.outbox()).find((one) => one.raw.includes(`ann@${NAME}`));
    const verdicts = await mailauth(unbound.port)([mail!.raw, mail!.delivered], NAME);
    expect(verdicts).toEqual(['pass', 'pass']);
  },
);
