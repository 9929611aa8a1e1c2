import { describe, expect, test } from 'vitest';
import { evaluate } from '#shared/app/checks/evaluate/evaluate.ts';
import { queryRecords } from '#shared/app/checks/query-records.ts';
import { recordCodes, type RecordCode } from '#shared/core/records/codes.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { deployment } from '../../../fakes/given-claim.ts';
import type { DiagnosisCase } from '../../../support/diagnosis/case.ts';
import { diagnosisCases } from '../../../support/diagnosis/index.ts';
import { claimsOf, givenSituation } from '../../../support/situation.ts';
import { TestEnvironment } from './test-environment.ts';

async function diagnosed({ published, given, zones = {} }: DiagnosisCase): Promise<RecordCheck[]> {
  const testEnvironment = new TestEnvironment();
  const situation = givenSituation('shop.test' as DomainName, given);
  testEnvironment.host(situation.claim);
  testEnvironment.host(situation.other);
  testEnvironment.host(situation.earlier);
  for (const [apex, records] of Object.entries(zones)) testEnvironment.dns.zone(apex, records);
  testEnvironment.dns.zone('shop.test', published(situation));
  const token = { token: situation.value('ses-identity') };
  const { observations, setting } = await queryRecords(situation.claim, token, {
    ...testEnvironment.ports,
    claims: await claimsOf(situation),
  });
  return evaluate(customerRecords(situation.claim, token, deployment), observations, setting);
}

const codesOf = (checks: readonly RecordCheck[]): Record<string, RecordCode> =>
  Object.fromEntries(checks.flatMap(({ id, code }) => (code === undefined ? [] : [[id, code]])));

describe('each mistake has exactly its code', () => {
  test.each(diagnosisCases.map((one) => [one.what, one] as const))('%s', async (_what, one) => {
    const checks = await diagnosed(one);
    expect(codesOf(checks)).toEqual(one.codes);
    for (const { code, status, hint, observed } of checks) {
      // Of a record that is right there is at most to say that it could be better still.
      const isBetter = code === undefined && observed.some((text) => text.endsWith('.net'));
      if (!isBetter) expect(hint === undefined).toBe(code === undefined);
      expect(status === 'ok').toBe(code === undefined);
    }
  });
});

test('every code that a record of its own can have is among the mistakes', () => {
  // Of a claim below a zone's name: subdomain.test.ts.
  const belowAZone = ['spf-at-cname'];
  // Of a delegated domain: test/unit/app/delegation.
  const ofDelegations = ['delegation-elsewhere', 'delegation-mixed'];
  // Of servers that fail at one name: outage.test.ts.
  const ofServers = ['name-fails'];
  const ofTheDomain = ['no-such-domain', 'not-delegated', 'dnssec-bogus', 'no-answer', 'preparing'];
  const known = new Set(diagnosisCases.flatMap(({ codes }) => Object.values(codes)));
  expect(recordCodes.filter((code) => !known.has(code))).toEqual([
    ...ofServers,
    ...ofDelegations,
    ...belowAZone,
    ...ofTheDomain,
  ]);
});
