import { expect, test } from 'vitest';
import { serviceIncludes } from '#shared/core/reports/services/networks.ts';
import { logServices } from '../../../../lambdas/flattener/log.ts';
import { refreshServices } from '../../../../lambdas/flattener/refresh-services.ts';
import { FakeDns } from '../../../fakes/resolver.ts';
import { MemoryServiceNetworks } from '../../../fakes/service-networks.ts';
import { recordedLog } from '../../../support/recorded-log.ts';

const { logged } = recordedLog();
const FIRST = '2026-11-02T03:20:00.000Z';
const NEXT = '2026-11-03T03:20:00.000Z';

function given() {
  const dns = new FakeDns();
  const networks = new MemoryServiceNetworks();
  const publish = (value: string) =>
    dns.zone('sendgrid.net', [{ name: 'sendgrid.net', type: 'TXT', value }]);
  const refresh = (at: string) =>
    refreshServices({ networks, resolver: dns, clock: { now: () => new Date(at) } });
  return { dns, networks, publish, refresh };
}

test('the networks of each service are read and kept', async () => {
  const { networks, publish, refresh } = given();
  publish('v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.7 ~all');
  const failed = await refresh(FIRST);
  expect(await networks.all()).toEqual([
    { include: 'sendgrid.net', networks: ['ip4:192.0.2.0/24', 'ip4:198.51.100.7'], seenAt: FIRST },
  ]);
  expect(failed.size).toBe(serviceIncludes.size - 1);
  expect(failed.get('servers.mcsv.net')).toContain('has 0 SPF records');

  publish('v=spf1 ip4:203.0.113.0/24 ~all');
  await refresh(NEXT);
  expect(await networks.all()).toEqual([
    { include: 'sendgrid.net', networks: ['ip4:203.0.113.0/24'], seenAt: NEXT },
  ]);
});

test('a service whose DNS does not answer keeps the networks that were seen last', async () => {
  const { dns, networks, publish, refresh } = given();
  publish('v=spf1 ip4:192.0.2.0/24 ~all');
  await refresh(FIRST);
  dns.silence('sendgrid.net');
  expect((await refresh(NEXT)).get('sendgrid.net')).toContain('does not answer');
  expect(await networks.all()).toMatchObject([{ networks: ['ip4:192.0.2.0/24'], seenAt: FIRST }]);
});

test('what could not be listed is logged once, with the reasons', () => {
  logServices(new Map());
  expect(logged).toEqual([]);
  logServices(new Map([['sendgrid.net', 'DNS does not answer for sendgrid.net']]));
  expect(logged).toMatchObject([
    {
      level: 'warn',
      details: [{ failed: { 'sendgrid.net': 'DNS does not answer for sendgrid.net' } }],
    },
  ]);
});
