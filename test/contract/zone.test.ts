import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { route53Client, route53Zone } from '#shared/adapters/aws/route-53.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { labelOf, type Label, type ShardName } from '#shared/core/model/names.ts';
import { ZoneRefusal, ZoneUnavailable, type Zone } from '#shared/app/ports/zone.ts';
import { packBatches } from '#shared/core/records/batches.ts';
import { recordKey, type RecordChange } from '#shared/core/records/changes.ts';
import type { HostedRecord } from '#shared/core/records/hosted-record.ts';
import { createRoute53 } from '../../local/aws/route53.ts';
import { throttled, MemoryZone } from '../fakes/zone.ts';
import { clientConfig, gatewayFor, remove, temporaryDirectory } from '../local/aws/stand-ins.ts';

const s1 = 's1.sd.example.net' as ShardName;
const s2 = 's2.sd.example.net' as ShardName;
const s10 = 's10.sd.example.net' as ShardName;
const shards = [s1, s2, s10];

/** A zone adapter, and what a test does behind its back. */
interface Harness {
  readonly zone: Zone;
  /** Puts a CNAME there, as another writer might. */
  putCname(shard: ShardName, name: string): Promise<void>;
  /** Lets all changes reach the name servers. */
  settle(): Promise<void>;
  /** Has the next call fail as Route 53 does when it asks to slow down. */
  throttle(): void;
  close(): Promise<void>;
}

function inMemory(): Harness {
  const zone = new MemoryZone(shards);
  return {
    zone,
    putCname: async (shard, name) => zone.meddleForeign(shard, `${name} CNAME`),
    settle: async () => zone.settle(),
    throttle: () => zone.failing.push(throttled()),
    close: async () => {},
  };
}

async function overTheWire(): Promise<Harness> {
  const stateDir = temporaryDirectory();
  let now = Date.UTC(2026, 10, 23);
  const route53 = createRoute53({ stateDir, processingMs: 0, now: () => now });
  const zoneIds = new Map(shards.map((shard) => [shard, route53.putHostedZone(shard).id]));
  const gateway = await gatewayFor({ route53: route53.handle });
  const client = route53Client(clientConfig(gateway));
  return {
    zone: route53Zone(client),
    async putCname(shard, name) {
      const set = {
        Name: name,
        Type: 'CNAME' as const,
        TTL: 300,
        ResourceRecords: [{ Value: 'elsewhere.example' }],
      };
      await client.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zoneIds.get(shard),
          ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: set }] },
        }),
      );
    },
    async settle() {
      now += 60_000;
    },
    throttle: () => route53.plantFaults({ throttle: 1 }),
    async close() {
      client.destroy();
      await gateway.close();
      route53.close();
      remove(stateDir);
    },
  };
}

const label = (number: number): Label => {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, number * 0x9e37_79b1);
  return labelOf(bytes);
};

const record = (name: string, ...values: string[]): HostedRecord => ({
  name,
  type: 'TXT',
  ttl: 300,
  values,
});

const change = (action: RecordChange['action'], changed: HostedRecord): RecordChange => ({
  action,
  record: changed,
});
const create = (...records: HostedRecord[]) => records.map((one) => change('CREATE', one));

const sorted = (records: readonly HostedRecord[]) =>
  records
    .map((one) => ({ ...one, values: [...one.values].toSorted() }))
    .toSorted((a, b) => (recordKey(a) < recordKey(b) ? -1 : 1));

async function everything(zone: Zone, shard: ShardName) {
  const records: HostedRecord[] = [];
  const foreign: string[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await zone.list(shard, cursor);
    pages += 1;
    records.push(...page.records);
    foreign.push(...page.foreign);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { records: sorted(records), foreign, pages };
}

describe.each([
  ['in memory', async () => inMemory()],
  ['Route 53 over the wire', overTheWire],
])('Zone: %s', (_name, start) => {
  let harness: Harness;
  let zone: Zone;
  beforeEach(async () => {
    harness = await start();
    zone = harness.zone;
  });
  afterEach(() => harness.close());

  test('lists what was submitted, zone by zone, without the NS and SOA', async () => {
    const here = [record(`_spf.${label(1)}.${s1}`, 'v=spf1 -all')];
    const there = [record(`_spf.${label(1)}.${s10}`, 'v=spf1 ~all', 'second')];
    await zone.submit(s1, create(...here));
    await zone.submit(s10, create(...there));

    expect(await everything(zone, s1)).toEqual({ records: here, foreign: [], pages: 1 });
    expect((await everything(zone, s10)).records).toEqual(sorted(there));
    expect((await everything(zone, s2)).records).toEqual([]);
  });

  test('keeps any text: long ones, quotes, backslashes, octets that are not ASCII', async () => {
    const octets = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet)).toString('latin1');
    const records = [
      record(`a.${label(1)}.${s1}`, 'x'.repeat(3_900)),
      record(`b.${label(1)}.${s1}`, octets),
      record(`c.${label(1)}.${s1}`, String.raw`"quoted" \ and \042`),
    ];
    await zone.submit(s1, create(...records));

    expect((await everything(zone, s1)).records).toEqual(sorted(records));
  });

  test('creates, replaces and deletes in one batch', async () => {
    const name = (prefix: string) => `${prefix}.${label(1)}.${s1}`;
    await zone.submit(s1, create(record(name('a'), 'old'), record(name('b'), 'gone')));

    await zone.submit(s1, [
      change('DELETE', record(name('b'), 'gone')),
      change('UPSERT', record(name('a'), 'new')),
      change('UPSERT', record(name('d'), 'upserted')),
      change('CREATE', record(name('c'), 'created')),
    ]);

    expect((await everything(zone, s1)).records).toEqual([
      record(name('a'), 'new'),
      record(name('c'), 'created'),
      record(name('d'), 'upserted'),
    ]);
  });

  test.each([
    ['creates what is there', change('CREATE', record(`a.${label(1)}.${s1}`, 'other'))],
    ['deletes what is not there', change('DELETE', record(`z.${label(1)}.${s1}`, 'text'))],
    ['deletes another value', change('DELETE', record(`a.${label(1)}.${s1}`, 'other'))],
    [
      'deletes another time to live',
      change('DELETE', { ...record(`a.${label(1)}.${s1}`, 'text'), ttl: 60 }),
    ],
  ])('refuses a batch that %s, names the claim, and does nothing of it', async (_what, bad) => {
    const present = record(`a.${label(1)}.${s1}`, 'text');
    await zone.submit(s1, create(present));

    const refused = await zone
      .submit(s1, [...create(record(`a.${label(2)}.${s1}`, 'fine')), bad])
      .catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(ZoneRefusal);
    const { reasons } = refused as ZoneRefusal;
    expect(reasons.some((reason) => reason.includes(label(1)))).toBe(true);
    expect(reasons.some((reason) => reason.includes(label(2)))).toBe(false);
    expect((await everything(zone, s1)).records).toEqual([present]);
  });

  test('refuses a batch over a limit', async () => {
    const tiny = Array.from({ length: 1_001 }, (_, index) => record(`r${index}.${s1}`, 'x'));
    await expect(zone.submit(s1, create(...tiny))).rejects.toThrow(ZoneRefusal);
    const long = Array.from({ length: 9 }, (_, index) =>
      record(`r${index}.${s1}`, 'x'.repeat(3_900)),
    );
    await expect(zone.submit(s1, create(...long))).rejects.toThrow(ZoneRefusal);
    const upserts = long.slice(0, 5).map((one) => change('UPSERT', one));
    await expect(zone.submit(s1, upserts)).rejects.toThrow(ZoneRefusal);
    expect((await everything(zone, s1)).records).toEqual([]);
  });

  test('accepts every batch that packBatches fills to the brim', async () => {
    const claims = Array.from({ length: 100 }, (_, index) => ({
      key: index,
      changes: create(record(`zero.${label(index)}.${s1}`, 'x'.repeat(410))),
    }));
    const batches = packBatches(claims);
    expect(batches.map((batch) => batch.length)).toEqual([77, 23]);
    for (const batch of batches) {
      await zone.submit(
        s1,
        batch.flatMap(({ changes }) => changes),
      );
    }
    expect((await everything(zone, s1)).records).toHaveLength(100);
  });

  test('refuses a TXT beside a CNAME, and lists the CNAME as foreign', async () => {
    const name = `_dmarc.${label(1)}.${s1}`;
    await harness.putCname(s1, name);

    await expect(zone.submit(s1, create(record(name, 'v=DMARC1')))).rejects.toThrow(ZoneRefusal);

    expect((await everything(zone, s1)).foreign).toEqual([`${name} CNAME`]);
    expect(await zone.listLabel(s1, label(1))).toEqual({ records: [], foreign: [`${name} CNAME`] });
  });

  test('lists page by page', async () => {
    const records = Array.from({ length: 650 }, (_, index) =>
      record(`a.${label(index)}.${s1}`, 'x'),
    );
    await zone.submit(s1, create(...records));

    const listed = await everything(zone, s1);

    expect(listed.records).toEqual(sorted(records));
    expect(listed.pages).toBe(3);
  });

  test('lists what is under one label, however many neighbours there are', async () => {
    const mine = Array.from({ length: 120 }, (_, index) =>
      record(`r${index}.${label(50)}.${s1}`, 'x'),
    );
    const others = Array.from({ length: 100 }, (_, index) =>
      record(`a.${label(index < 50 ? index : index + 1)}.${s1}`, 'y'),
    );
    await zone.submit(s1, create(...mine, ...others));

    const listed = await zone.listLabel(s1, label(50));

    expect(sorted(listed.records)).toEqual(sorted(mine));
    expect(listed.foreign).toEqual([]);
    expect(await zone.listLabel(s1, label(999))).toEqual({ records: [], foreign: [] });
  });

  test('follows a change from pending to INSYNC', async () => {
    const id = await zone.submit(s1, create(record(`a.${label(1)}.${s1}`, 'x')));
    const other = await zone.submit(s1, create(record(`b.${label(1)}.${s1}`, 'x')));
    expect(other).not.toBe(id);
    expect(await zone.changeStatus(id)).toBe('pending');

    await harness.settle();

    expect(await zone.changeStatus(id)).toBe('insync');
    expect(await zone.changeStatus('/change/C0000000000UNKNOWN')).toBe('unknown');
  });

  test.each([
    ['submit', () => zone.submit(s1, create(record(`a.${label(1)}.${s1}`, 'x')))],
    ['changeStatus', () => zone.changeStatus('/change/C1')],
    ['list', () => zone.list(s1)],
    ['listLabel', () => zone.listLabel(s1, label(1))],
  ])('surfaces a throttle of %s, having done nothing', async (_call, call) => {
    harness.throttle();
    await expect(call()).rejects.toThrow(Throttled);
    expect((await everything(zone, s1)).records).toEqual([]);
  });
});

describe('Route 53 over the wire', () => {
  test('surfaces PriorRequestNotComplete as a throttle, at once', async () => {
    const stateDir = temporaryDirectory();
    const route53 = createRoute53({ stateDir, processingMs: 0 });
    route53.putHostedZone(s1);
    const gateway = await gatewayFor({ route53: route53.handle });
    const { maxAttempts: _, ...config } = clientConfig(gateway);
    const client = route53Client(config);
    const zone = route53Zone(client);
    route53.plantFaults({ priorRequestNotComplete: 1 });

    const changes = create(record(`a.${label(1)}.${s1}`, 'x'));
    await expect(zone.submit(s1, changes)).rejects.toThrow(Throttled);
    await zone.submit(s1, changes);

    // The zone's id is queried once, and the SDK does not try again by itself.
    expect(Object.fromEntries(route53.requests)).toEqual({
      ListHostedZonesByName: 1,
      ChangeResourceRecordSets: 2,
    });
    client.destroy();
    await gateway.close();
    route53.close();
    remove(stateDir);
  });

  test('finds a zone again where it was recreated, and says where there is none', async () => {
    const stateDir = temporaryDirectory();
    const first = createRoute53({ stateDir, processingMs: 0 });
    first.putHostedZone(s1);
    let present = first;
    const gateway = await gatewayFor({ route53: (request) => present.handle(request) });
    const client = route53Client(clientConfig(gateway));
    const zone = route53Zone(client);
    await zone.list(s1);

    const otherDir = temporaryDirectory();
    present = createRoute53({ stateDir: otherDir, processingMs: 0 });
    present.putHostedZone(s1);
    await zone.submit(s1, create(record(`a.${label(1)}.${s1}`, 'x')));

    expect((await zone.list(s1)).records).toHaveLength(1);
    await expect(zone.list(s2)).rejects.toThrow(`no public hosted zone named ${s2}`);
    client.destroy();
    await gateway.close();
    first.close();
    present.close();
    remove(stateDir);
    remove(otherDir);
  });

  test('queries the zones of a deployment together, however many ask at once', async () => {
    const stateDir = temporaryDirectory();
    const route53 = createRoute53({ stateDir, processingMs: 0 });
    const many = Array.from(
      { length: 150 },
      (_, index) => `s${index + 1}.sd.example.net` as ShardName,
    );
    for (const name of ['example.net', 'sd.example.net', ...many, 'z.example.net']) {
      route53.putHostedZone(name);
    }
    const gateway = await gatewayFor({ route53: route53.handle });
    const client = route53Client(clientConfig(gateway));
    const zone = route53Zone(client);

    await Promise.all(many.slice(0, 10).map((shard) => zone.list(shard)));
    await Promise.all(many.slice(140).map((shard) => zone.list(shard)));

    expect(route53.requests.get('ListHostedZonesByName')).toBe(2);
    client.destroy();
    await gateway.close();
    route53.close();
    remove(stateDir);
  });

  test('refuses to choose between two zones of one name', async () => {
    const client = new Route53Client({ region: 'eu-west-1' });
    client.middlewareStack.add(
      () => async () => ({
        response: {},
        output: {
          $metadata: {},
          HostedZones: [
            { Id: '/hostedzone/Z1', Name: `${s1}.`, CallerReference: '1' },
            { Id: '/hostedzone/Z2', Name: `${s1}.`, CallerReference: '2' },
            {
              Id: '/hostedzone/Z3',
              Name: `${s2}.`,
              CallerReference: '3',
              Config: { PrivateZone: true },
            },
          ],
        },
      }),
      { step: 'initialize' },
    );
    const zone = route53Zone(client);
    await expect(zone.list(s1)).rejects.toThrow('2 public hosted zones');
    await expect(zone.list(s2)).rejects.toThrow('no public hosted zone');
  });

  test.each([
    ['no server listens', 'http://127.0.0.1:1'],
    ['its name is unknown', 'http://route53.invalid:1'],
  ])('recognizes an outage where %s', async (_what, endpoint) => {
    const client = route53Client({
      endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await expect(route53Zone(client).list(s1)).rejects.toThrow(ZoneUnavailable);
    client.destroy();
  });

  test('recognizes an outage where Route 53 fails or hangs up, and does not try again', async () => {
    let calls = 0;
    const gateway = await gatewayFor({
      async route53() {
        calls += 1;
        return { status: 503, headers: {}, body: '<html>Service Unavailable</html>' };
      },
    });
    const { maxAttempts: _, ...config } = clientConfig(gateway);
    const client = route53Client(config);
    await expect(route53Zone(client).changeStatus('/change/C1')).rejects.toThrow(ZoneUnavailable);
    expect(calls).toBe(1);
    client.destroy();
    await gateway.close();
  });
});
