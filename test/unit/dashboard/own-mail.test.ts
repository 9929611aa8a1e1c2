import { expect, test } from 'vitest';
import type { Reports } from '../../../dashboard/src/api/client.ts';
import { rateOf, sharesOf } from '../../../dashboard/src/domains/own-mail.ts';
import { csv } from '../../../dashboard/src/ui/csv.ts';

type Source = Reports['sources'][number];

const source = (id: string, changes: Partial<Source>): Source => ({
  id,
  kind: 'sender',
  addresses: [],
  known: false,
  decision: 'undecided',
  service: null,
  messages: 10,
  passed: 5,
  dkim: 5,
  spf: 5,
  quarantined: 0,
  rejected: 0,
  rates: { passed: 0.5, dkim: 0.5, spf: 0.5 },
  ...changes,
});

test('mail of strangers and of forwarders is counted apart from the own', () => {
  const shares = sharesOf([
    source('ses', { kind: 'service', passed: 10 }),
    source('shop', { decision: 'confirmed' }),
    source('old', { known: true, decision: 'ignored' }),
    source('forwarded', { kind: 'forwarder' }),
    source('192.0.2.1', { kind: 'unknown', passed: 0 }),
  ]);
  expect(shares).toEqual({
    own: { messages: 20, passed: 15 },
    forwarded: { messages: 10, passed: 5 },
    others: { messages: 20, passed: 5 },
  });
  expect(rateOf(shares.own)).toBe(0.75);
  expect(rateOf({ messages: 0, passed: 0 })).toBeNull();
});

test('a file for spreadsheets has no formula, and quotes what would break its lines', () => {
  expect(
    csv([
      ['name', 'mails'],
      ['=1+1', -3],
      ['a "b", c\r\n', 0],
    ]),
  ).toBe('name,mails\r\n\'=1+1,-3\r\n"a ""b"", c\r\n",0\r\n');
});
