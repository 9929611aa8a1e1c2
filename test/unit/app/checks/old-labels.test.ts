import { expect, test } from 'vitest';
import { deletedClaim, type Claim } from '#shared/core/model/claim.ts';
import type { RecordCheck } from '#shared/core/records/check.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { labelsIn } from '#shared/core/records/labels.ts';
import { copied, DAY, DOMAIN, TestEnvironment } from './test-environment.ts';

const zone = 'sd.example.net' as DomainName;

/** The check's result for a claim's first slot while its record is another claim's. */
async function pointedAt(
  testEnvironment: TestEnvironment,
  claim: Claim,
  other: Claim,
): Promise<RecordCheck> {
  testEnvironment.dns.zone(
    DOMAIN,
    copied(other).map((record) => ({ ...record, name: record.name.replace(other.domain, DOMAIN) })),
  );
  const { result } = await testEnvironment.check(claim);
  return result!.records.find(({ id }) => id === 'dkim-zero')!;
}

test('the records of a claim that was deleted are recognized to the tenant that claims again', async () => {
  const testEnvironment = new TestEnvironment();
  const first = await testEnvironment.claim();
  testEnvironment.dns.zone(DOMAIN, copied(first));
  await testEnvironment.check(first);
  const verified = await testEnvironment.stored(first);
  const now = new Date(testEnvironment.now).toISOString();
  await testEnvironment.claims.release(verified, deletedClaim(verified, now));
  testEnvironment.advance(8 * DAY);
  expect((await testEnvironment.check(first)).claim.lifecycle).toBe('tombstone');

  const again = await testEnvironment.claim({ tenant: first.tenant });
  const { claim, result } = await testEnvironment.check(again);
  expect(claim.status).toBe('pending');
  const codes = Object.fromEntries(result!.records.map(({ id, code }) => [id, code]));
  expect(codes).toMatchObject({
    'dkim-zero': 'old-label',
    'dkim-one': 'old-label',
    'dkim-two': 'old-label',
    dmarc: 'old-label',
    spf: 'old-label',
    'mail-from-spf': 'old-label',
  });
  const spf = result!.records.find(({ id }) => id === 'spf')!;
  expect(spf.value).toBe(copied(again).find(({ name }) => name === DOMAIN)!.value);
});

test('a rival’s label, and that of another domain, is reported like one that never was', async () => {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.claim();
  const rival = await testEnvironment.claim();
  const another = await testEnvironment.claim({
    tenant: claim.tenant,
    domain: 'other.com' as DomainName,
  });
  const never = new TestEnvironment();
  const nobodys = await never.claim();
  expect(rival.tenant).not.toBe(claim.tenant);
  const advised = [];
  for (const other of [rival, another, nobodys]) {
    const { observed: _, ...rest } = await pointedAt(testEnvironment, claim, other);
    advised.push(rest);
  }
  expect(advised[0]).toMatchObject({ status: 'wrong', code: 'other-label' });
  expect(advised).toEqual([advised[0], advised[0], advised[0]]);
});

test('labels are found in names of ours only, however they are written', () => {
  const label = 'a'.repeat(26);
  for (const text of [
    `zero._domainkey.${label}.s1.${zone}`,
    `_DMARC.${label.toUpperCase()}.S1.${zone.toUpperCase()}.`,
    `v=spf1 include:_spf.${label}.s2.${zone} ~all`,
    `"v=spf1 redirect=_spf.${label}.s2.${zone}"`,
  ]) {
    expect(labelsIn(text, zone)).toEqual([label]);
  }
  for (const text of [`${label}.s1.example.com`, zone, `x${label}.s1.${zone}`, '']) {
    expect(labelsIn(text, zone)).toEqual([]);
  }
});
