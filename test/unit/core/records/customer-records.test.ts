import { expect, test } from 'vitest';
import type { DomainName } from '#shared/core/model/names.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';

const claim = givenClaim();
const records = customerRecords(claim, { token: 'c2VzIHRva2Vu' }, deployment);

test('are what DESIGN promises, in the order a person enters them', () => {
  const hostedName = `${claim.label}.s1.sd.example.net`;
  expect(
    records.map(({ id, name, type, value, required }) => [id, name, type, value, required]),
  ).toEqual([
    ['dkim-zero', 'zero._domainkey.example.com', 'CNAME', `zero._domainkey.${hostedName}`, true],
    ['dkim-one', 'one._domainkey.example.com', 'CNAME', `one._domainkey.${hostedName}`, true],
    ['dkim-two', 'two._domainkey.example.com', 'CNAME', `two._domainkey.${hostedName}`, true],
    ['ses-identity', '_amazonses.example.com', 'TXT', 'c2VzIHRva2Vu', true],
    [
      'mail-from-mx',
      'bounces.example.com',
      'MX',
      '10 feedback-smtp.eu-west-1.amazonses.com',
      false,
    ],
    [
      'mail-from-spf',
      'bounces.example.com',
      'TXT',
      `v=spf1 include:_mailfrom.${hostedName} ~all`,
      false,
    ],
    ['dmarc', '_dmarc.example.com', 'CNAME', `_dmarc.${hostedName}`, false],
    ['spf', 'example.com', 'TXT', `v=spf1 include:_spf.${hostedName} ~all`, false],
  ]);
});

test('every target of theirs is hosted', () => {
  const hosted = new Set(hostedRecords(claim, deployment).map(({ name }) => name));
  const targets = records.flatMap(({ value }) => value?.match(/[^ :]+\.sd\.example\.net/g) ?? []);
  expect(targets).toHaveLength(6);
  for (const target of targets) expect(hosted).toContain(target);
});

test('every record says why, and no two share an id', () => {
  for (const { why } of records) expect(why).toMatch(/^[A-Z].*\.$/);
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
});

const dmarcOf = (name: string) =>
  customerRecords(givenClaim({ domain: name as DomainName }), undefined, deployment).find(
    ({ id }) => id === 'dmarc',
  );

test('a subdomain’s own DMARC record is said to be optional', () => {
  expect(dmarcOf('news.example.com')?.why).toContain('Without it the policy of example.com');
  expect(dmarcOf('example.com')?.why).not.toContain('Without it');
});

test('the identity has no value until SES gave it', () => {
  const early = customerRecords(claim, undefined, deployment);
  expect(early.map(({ value }) => value === undefined)).toEqual(
    records.map(({ id }) => id === 'ses-identity'),
  );
});
