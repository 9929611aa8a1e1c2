import { expect, test } from 'vitest';
import { type MailOrigin, reporterOf } from '#shared/core/reports/reporters.ts';

const reporters = [
  'noreply-dmarc-support@google.com',
  'mimecastreport.com',
  'noreply@dmarc.yahoo.com',
];
const origin = (changes: Partial<MailOrigin>): MailOrigin => ({
  from: ['noreply-dmarc-support@google.com'],
  signedBy: [],
  sentBy: undefined,
  ...changes,
});

test.each<[string, Partial<MailOrigin>, string | undefined]>([
  ['signed by its author’s domain', { signedBy: ['google.com'] }, 'google.com'],
  [
    'signed by a domain of the same organization',
    { from: ['noreply@dmarc.yahoo.com'], signedBy: ['yahoo.com'] },
    'yahoo.com',
  ],
  ['sent by its author’s domain', { sentBy: 'bounce.google.com' }, 'google.com'],
  [
    'from any address of a domain that is listed',
    { from: ['no-reply@au-1.mimecastreport.com'], sentBy: 'au-1.mimecastreport.com' },
    'mimecastreport.com',
  ],
  ['not proven at all', {}, undefined],
  [
    'signed and sent by somebody else',
    { signedBy: ['crook.example'], sentBy: 'crook.example' },
    undefined,
  ],
  [
    'from another address of a reporter',
    { from: ['calendar@google.com'], signedBy: ['google.com'] },
    undefined,
  ],
  [
    'from a name that ends like a reporter',
    { from: ['a@notmimecastreport.com'], signedBy: ['notmimecastreport.com'] },
    undefined,
  ],
  [
    'from two authors',
    { from: ['noreply-dmarc-support@google.com', 'x@google.com'], signedBy: ['google.com'] },
    undefined,
  ],
  ['from nobody', { from: [], signedBy: ['google.com'] }, undefined],
])('a report %s', (_what, changes, reporter) => {
  expect(reporterOf(origin(changes), reporters)).toBe(reporter);
});
