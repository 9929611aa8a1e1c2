import { expect, test } from 'vitest';
import { doubledQuestions } from '#shared/app/checks/lookup/questions.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';

const doubled = (name: string): string[] => {
  const domain = name as DomainName;
  const [record] = customerRecords(givenClaim({ domain }), undefined, deployment);
  return doubledQuestions(record!, domain).map((question) => question.name);
};

test('a record is queried with the domain appended, and with the one that is registered', () => {
  expect(doubled('example.com')).toEqual(['zero._domainkey.example.com.example.com']);
  expect(doubled('mail.example.com')).toEqual([
    'zero._domainkey.mail.example.com.mail.example.com',
    'zero._domainkey.mail.example.com.example.com',
  ]);
});

test('names that no DNS can have are not asked for', () => {
  const slot = 'zero._domainkey.'.length;
  // Of a domain with a name of 118 characters the slot with the domain appended has 253.
  const longest = `${'a'.repeat(60)}.${'b'.repeat(53)}.com`;
  expect(slot + longest.length + 1 + longest.length).toBe(253);
  expect(doubled(longest)[0]).toHaveLength(253);
  const longer = `a${longest}`;
  expect(doubled(longer)).toEqual([`zero._domainkey.${longer}.${'b'.repeat(53)}.com`]);
});
