import { Route53Client } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { route53ZoneHost } from '#shared/adapters/aws/zone-host.ts';
import { ZoneNotMade, type ZoneHost } from '#shared/app/ports/delegated-zones.ts';
import { ZoneRefusal } from '#shared/app/ports/zone.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { ZoneRecordSet } from '#shared/core/records/zone-record-sets.ts';
import { createRoute53 } from '../../local/aws/route53.ts';
import { MemoryZoneHost } from '../fakes/zone-host.ts';
import { clientConfig, gatewayFor, remove, temporaryDirectory } from '../local/aws/stand-ins.ts';

interface Started {
  readonly host: ZoneHost;
  readonly close: () => Promise<void>;
}

const adapters: Record<string, () => Promise<Started>> = {
  'in memory': async () => {
    const host = new MemoryZoneHost();
    host.limits = { zones: 2, sets: 100 };
    return { host, close: async () => {} };
  },
  'on Route 53': async () => {
    const stateDir = temporaryDirectory();
    const route53 = createRoute53({
      stateDir,
      processingMs: 0,
      insyncDelayMs: 0,
      zonesPerSetLimit: 2,
    });
    const gateway = await gatewayFor({ route53: route53.handle });
    const client = new Route53Client({ ...clientConfig(gateway), maxAttempts: 1 });
    return {
      host: route53ZoneHost(client),
      async close() {
        client.destroy();
        await gateway.close();
        route53.close();
        remove(stateDir);
      },
    };
  },
};

const domain = 'mail.customer.example' as DomainName;
const txt: ZoneRecordSet = { name: domain, type: 'TXT', ttl: 300, values: ['"v=spf1 ~all"'] };

describe.each(Object.entries(adapters))('ZoneHost %s', (_name, start) => {
  let host: ZoneHost;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ host, close } = await start());
  });
  afterEach(() => close());

  const givenZone = async () => {
    const set = await host.createSet('sd-1');
    return { set, zoneId: await host.create(domain, 'r1', set.id) };
  };

  test('a set that is asked for twice is made once, with four name servers', async () => {
    const set = await host.createSet('sd-1');
    expect(set.nameServers).toHaveLength(4);
    expect(await host.createSet('sd-1')).toMatchObject({ id: set.id });
    await host.createSet('other-1');
    expect((await host.sets('sd-')).map(({ id }) => id)).toEqual([set.id]);
  });

  test('a zone that is asked for twice is made once, and found by its reference', async () => {
    const { set, zoneId } = await givenZone();
    expect(await host.create(domain, 'r1', set.id)).toBe(zoneId);
    expect(await host.find(domain, 'r1')).toBe(zoneId);
    expect(await host.find(domain, 'r2')).toBeUndefined();
    expect(await host.roomIn(set.id)).toBe(1);
    expect((await host.records(zoneId))?.map(({ name, type }) => `${name} ${type}`)).toEqual([
      `${domain} NS`,
    ]);
  });

  test('a set has no two zones of one name, or of names above each other', async () => {
    const { set } = await givenZone();
    for (const name of [domain, 'a.mail.customer.example', 'customer.example']) {
      await expect(host.create(name as DomainName, `r-${name}`, set.id)).rejects.toThrow(
        ZoneNotMade,
      );
    }
    await host.create('news.customer.example' as DomainName, 'r3', set.id);
    expect(await host.roomIn(set.id)).toBe(0);
    await expect(host.create('x.test' as DomainName, 'r4', set.id)).rejects.toThrow(ZoneNotMade);
  });

  test('changes are made and read, all or none', async () => {
    const { zoneId } = await givenZone();
    const change = await host.change(zoneId, [{ action: 'UPSERT', set: txt }]);
    expect(await host.isInsync(change)).toBe(true);
    expect(await host.recordsAt(zoneId, `_dmarc.${domain}`)).toEqual([]);
    expect(await host.recordsAt(zoneId, domain)).toContainEqual(txt);
    const other = { ...txt, values: ['"other"'] };
    await expect(host.change(zoneId, [{ action: 'DELETE', set: other }])).rejects.toThrow(
      ZoneRefusal,
    );
    await host.change(zoneId, [{ action: 'DELETE', set: txt }]);
    expect(await host.records(zoneId)).toHaveLength(1);
  });

  test('only an empty zone is deleted; one that is gone is no error', async () => {
    const { zoneId } = await givenZone();
    await host.change(zoneId, [{ action: 'UPSERT', set: txt }]);
    await expect(host.delete(zoneId)).rejects.toThrow(/HostedZoneNotEmpty|non-required/);
    await host.change(zoneId, [{ action: 'DELETE', set: txt }]);
    await host.delete(zoneId);
    await host.delete(zoneId);
    expect([await host.records(zoneId), await host.find(domain, 'r1')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
