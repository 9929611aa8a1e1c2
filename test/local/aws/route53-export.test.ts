import {
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  type ChangeBatch,
} from '@aws-sdk/client-route-53';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDomainName, type DomainName } from '#shared/core/model/names.ts';
import { customerRecords, type CustomerRecord } from '#shared/core/records/customer-records.ts';
import { exportRecords } from '../../../lambdas/domains/export-records.ts';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createRoute53, type Route53 } from '../../../local/aws/route53.ts';
import { resolve } from '../../../local/dns/resolution.ts';
import { deployment, givenClaim } from '../../fakes/given-claim.ts';
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
  const advised = records.map((record) => ({ ...record, value: record.value ?? '' }));
  const { body } = exportRecords(
    domain,
    { name: domain, records: advised } as unknown as Parameters<typeof exportRecords>[1],
    'route53',
  );
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
