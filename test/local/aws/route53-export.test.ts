import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type ChangeBatch,
} from '@aws-sdk/client-route-53';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noKeys } from '#shared/core/model/key-ring.ts';
import { parseDomainName, type DomainName } from '#shared/core/model/names.ts';
import { customerRecords, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import { remainingChanges, type RemainingChange } from '#shared/core/records/remaining-change.ts';
import { decodeTxt, encodeTxt } from '#shared/core/records/txt.ts';
import { exportRecords } from '../../../lambdas/domains/export-records.ts';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createRoute53, type Route53 } from '../../../local/aws/route53.ts';
import { resolve } from '../../../local/dns/resolution.ts';
import { deployment, givenClaim } from '../../fakes/given-claim.ts';
import type { DnsRecord } from '../../fakes/resolver.ts';
import {
  checkedRecords,
  customerZones,
  exportedChanges,
  givenCustomer,
} from '../../support/customer-zones.ts';
import { DOMAIN } from '../../unit/app/checks/test-environment.ts';
import { skipped } from '../../unit/core/records/export-tools.ts';
import { clientConfig, gatewayFor, remove, temporaryDirectory } from './stand-ins.ts';

let stateDir: string;
let route53: Route53;
let gateway: Gateway;
let client: Route53Client;
let now = Date.UTC(2026, 10, 23);

beforeAll(async () => {
  stateDir = temporaryDirectory();
  route53 = createRoute53({ stateDir, processingMs: 0, now: () => now });
  gateway = await gatewayFor({ route53: route53.handle });
  client = new Route53Client(clientConfig(gateway));
});

afterAll(async () => {
  client.destroy();
  await gateway.close();
  route53.close();
  remove(stateDir);
});

/** The export as it is downloaded. */
const exported = (domain: DomainName, records: readonly CustomerRecord[]): ChangeBatch => {
  const advised = records.map((record) => ({
    ...record,
    status: 'missing' as const,
    code: 'missing',
    observed: [],
  }));
  return asBatch(domain, remainingChanges(advised));
};

const asBatch = (name: DomainName, changes: readonly RemainingChange[]): ChangeBatch => {
  const { body } = exportRecords({ name, checkedAt: null, records: [] }, changes, 'route53');
  return JSON.parse(String(body)) as ChangeBatch;
};

/** Returns DNS's answers for a record, once Route 53 took the export. */
function answered({ name, type }: CustomerRecord): string[] {
  const { answers } = resolve([route53.zones], { name, type }, true);
  return answers.map(({ data }) => {
    if (Array.isArray(data)) return Buffer.concat(data as Buffer[]).toString('latin1');
    if (typeof data === 'string') return data;
    const { preference, exchange } = data as { preference: number; exchange: string };
    return `${preference} ${exchange}`;
  });
}

/** A zone as Route 53 makes it, the export as a change of it, and what the zone then holds. */
async function imported(domain: DomainName, records: readonly CustomerRecord[]) {
  const HostedZoneId = route53.putHostedZone(domain).id;
  const batch = exported(domain, records);
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: batch }));
  now += 60_000;
  const { ResourceRecordSets: sets = [] } = await client.send(
    new ListResourceRecordSetsCommand({ HostedZoneId }),
  );
  const own = sets.filter(
    ({ Name, Type }) => Name !== `${domain}.` || !['NS', 'SOA'].includes(Type!),
  );
  return { batch, own };
}

test('the client of Route 53 sends the export whole, Route 53 takes it, and DNS answers with the records', async () => {
  const claim = givenClaim();
  const records = customerRecords(claim, { token: 'dG9rZW4=' }, deployment);
  const { batch, own } = await imported(claim.domain, records);
  // The client leaves out what it does not know, so nothing in the export was unknown to it.
  expect(own).toHaveLength(batch.Changes!.length);
  expect(own).toEqual(
    expect.arrayContaining(batch.Changes!.map(({ ResourceRecordSet: set }) => set)),
  );
  for (const record of records) expect(answered(record)).toEqual([record.value]);
});

let zones = 0;
const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/);
const odd = fc.oneof(
  fc.tuple(label, label).map((labels) => labels.join('.')),
  fc.constantFrom('xn--bcher-kva', 'a.b.c.d.e.f', 'x'.repeat(63), '1-2.3'),
);
const text = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...'ab "\\$%{};#=\t\'`\u00e9'.split('')), minLength: 1 }),
    fc.string({ minLength: 1, maxLength: 900 }),
    fc.integer({ min: 250, max: 1_200 }).map((length) => 'k'.repeat(length)),
  )
  .filter((one) => [...one].every((character) => character > '\0' && character <= '\u00ff'));

test('for any name and text', async () => {
  await fc.assert(
    fc.asyncProperty(odd, text, async (name, value) => {
      zones += 1;
      const domain = parseDomainName(`${name}.z${zones}.com`);
      const records = customerRecords(givenClaim({ domain }), { token: value }, deployment);
      const { own } = await imported(domain, records);
      expect(own).toHaveLength(records.length);
      for (const record of records) expect(answered(record)).toEqual([record.value]);
    }),
    { numRuns: 60 },
  );
});

/** A zone of Route 53 with these records, which were there before the service. */
async function zoneWith(records: readonly DnsRecord[]): Promise<string> {
  const HostedZoneId = route53.putHostedZone(DOMAIN).id;
  await empty(HostedZoneId);
  const sets = Map.groupBy(records, ({ name, type }) => `${name} ${type}`);
  const Changes = [...sets.values()].map(([first, ...more]) => ({
    Action: 'CREATE' as const,
    ResourceRecordSet: {
      Name: first!.name,
      Type: first!.type,
      TTL: first!.ttl ?? 60,
      ResourceRecords: [first!, ...more].map((record) => ({ Value: valueOf(record) })),
    },
  }));
  await change(HostedZoneId, { Changes });
  return HostedZoneId;
}

const octets = (text: string): string => Buffer.from(text).toString('latin1');

function valueOf({ type, value, strings = [value] }: DnsRecord): string {
  if (type === 'TXT') return strings.map((part) => encodeTxt(octets(part))).join(' ');
  return type === 'A' ? value : `${value}.`;
}

async function change(HostedZoneId: string, batch: ChangeBatch): Promise<void> {
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: batch }));
  now += 60_000;
}

const run = promisify(execFile);
const hasCli = await run('aws', ['--version']).then(
  () => true,
  () => false,
);
if (!hasCli) skipped('the AWS CLI (awscli)');

/** Applies an export as docs/api.md says: by the AWS CLI where it is installed, else by the SDK. */
async function applyExport(HostedZoneId: string, batch: ChangeBatch): Promise<void> {
  if (!hasCli) return change(HostedZoneId, batch);
  const file = join(stateDir, 'export.route53.json');
  await writeFile(file, JSON.stringify(batch));
  const { stdout } = await run(
    'aws',
    [
      'route53',
      'change-resource-record-sets',
      `--hosted-zone-id=${HostedZoneId}`,
      `--change-batch=file://${file}`,
      `--endpoint-url=${gateway.url}`,
      '--region=us-east-1',
      '--output=json',
    ],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: stateDir,
        AWS_ACCESS_KEY_ID: 'AKIALOCALOPERATOR',
        AWS_SECRET_ACCESS_KEY: 'any',
      },
    },
  );
  expect(JSON.parse(stdout)).toMatchObject({ ChangeInfo: { Status: 'PENDING' } });
  now += 60_000;
}

const setsOf = async (HostedZoneId: string) => {
  const command = new ListResourceRecordSetsCommand({ HostedZoneId });
  const { ResourceRecordSets = [] } = await client.send(command);
  return ResourceRecordSets.filter(({ Type }) => !['NS', 'SOA'].includes(Type!));
};

async function empty(HostedZoneId: string): Promise<void> {
  const sets = await setsOf(HostedZoneId);
  if (sets.length === 0) return;
  await change(HostedZoneId, {
    Changes: sets.map((set) => ({ Action: 'DELETE', ResourceRecordSet: set })),
  });
}

/** The records of a zone of Route 53. */
const recordsIn = async (HostedZoneId: string): Promise<DnsRecord[]> =>
  (await setsOf(HostedZoneId)).flatMap(({ Name, Type, TTL, ResourceRecords = [] }) =>
    ResourceRecords.map(({ Value = '' }) => ({
      name: Name!.replace(/\.$/, ''),
      type: Type as DnsRecord['type'],
      ttl: TTL!,
      value:
        Type === 'TXT'
          ? Buffer.from(decodeTxt(Value), 'latin1').toString()
          : Value.replace(/(?<! )\.$/, ''),
    })),
  );

const keyOf = ({ name, type, value, ttl = 60 }: DnsRecord): string =>
  `${name} ${type} ${ttl} ${value}`;

describe('onto a zone of Route 53', () => {
  test.each(Object.entries(customerZones))(
    'with %s: the AWS CLI applies one batch, nothing of theirs changes, and all is verified',
    async (_name, { records, gone = [], without = [] }) => {
      const zone = await zoneWith(records);
      const customer = await givenCustomer(records);
      const changes = await exportedChanges(customer);
      const batch = asBatch(DOMAIN, changes);
      expect(batch.Comment).toBe(`DNS records for ${DOMAIN}`);
      await applyExport(zone, batch);
      const after = await recordsIn(zone);
      const kept = records.filter(({ value }) => !gone.includes(value)).map(keyOf);
      expect(after.map(keyOf)).toEqual(expect.arrayContaining(kept));
      for (const text of gone) expect(after.map(({ value }) => value)).not.toContain(text);
      const checked = await checkedRecords(customer, after);
      expect(checked.filter(({ status }) => !status.startsWith('ok'))).toEqual([]);
      expect(changes.map(({ record }) => record.id)).toEqual(
        checked.map(({ id }) => id).filter((id) => !without.includes(id)),
      );
      const again = asBatch(DOMAIN, await exportedChanges(customer));
      expect(again).toEqual({
        Comment: `DNS records for ${DOMAIN}; nothing remains to be done`,
        Changes: [],
      });
    },
  );

  test('a parked domain: SPF and DMARC of before give way, and nobody else', async () => {
    const { records } = customerZones['a DMARC record that receivers cannot use, in two strings']!;
    const before: DnsRecord[] = [
      ...records.filter(({ type }) => type !== 'MX'),
      { name: DOMAIN, type: 'TXT', value: 'v=spf1 mx -all' },
    ];
    const zone = await zoneWith(before);
    const customer = await givenCustomer(before, {
      purpose: 'parked',
      keys: noKeys,
      dmarc: { p: 'reject' },
    });
    await change(zone, asBatch(DOMAIN, await exportedChanges(customer)));
    const after = await recordsIn(zone);
    const kept = before.filter(({ value }) => !/^v=(spf1|DMARC1)/.test(value)).map(keyOf);
    expect(after.map(keyOf)).toEqual(expect.arrayContaining(kept));
    const checked = await checkedRecords(customer, after);
    expect(checked.map(({ id, status }) => [id, status])).toEqual([
      ['dmarc', 'ok'],
      ['spf', 'ok'],
      ['null-mx', 'ok'],
    ]);
  });

  test('a set that was changed after the export is not deleted: the batch is refused whole', async () => {
    const { records } = customerZones['a DMARC record that receivers cannot use, in two strings']!;
    const zone = await zoneWith(records);
    const batch = asBatch(DOMAIN, await exportedChanges(await givenCustomer(records)));
    expect(batch.Changes?.map(({ Action }) => Action)).toContain('DELETE');
    const Value = '"v=DMARC1; p=reject"';
    const policy = { Name: `_dmarc.${DOMAIN}`, Type: 'TXT' as const, TTL: 60 };
    await change(zone, {
      Changes: [
        { Action: 'UPSERT', ResourceRecordSet: { ...policy, ResourceRecords: [{ Value }] } },
      ],
    });
    const before = await recordsIn(zone);
    await expect(change(zone, batch)).rejects.toThrow(/do not match the current values/);
    expect(await recordsIn(zone)).toEqual(before);
  });
});
