import { expect, test } from 'vitest';
import { keySeen } from '#shared/app/checks/decide/own-keys.ts';
import { observe } from '#shared/app/checks/lookup/observations.ts';
import { keyQuestion } from '#shared/app/checks/lookup/questions.ts';
import { hostedKey } from '#shared/core/records/kinds/dkim/hosted.ts';
import { hostedKeyName, slotName } from '#shared/core/records/kinds/dkim/names.ts';
import { FakeDns, type DnsRecord } from '../../../fakes/resolver.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

const claim = givenClaim({ hosting: 'self' });
const [key] = claim.keys;
const name = slotName(key.selector, claim.domain);
const target = hostedKeyName(claim, key.selector);
const [text = ''] = hostedKey(claim, key).values;
const copy: DnsRecord = { name, type: 'TXT', value: text };
const other: DnsRecord = { name, type: 'TXT', value: 'v=DKIM1; p=other' };
const cname = (value: string): DnsRecord => ({ name, type: 'CNAME', value });

/** @param servers the records at the slot, of each server of the domain */
async function seen(...servers: DnsRecord[][]): Promise<boolean | undefined> {
  const dns = new FakeDns();
  dns.zone(claim.domain, ...servers);
  dns.zone(claim.shard, [{ name: target, type: 'TXT', value: text }]);
  const questions = [{ view: 'authoritative' as const, name, type: 'TXT' as const }];
  return keySeen(claim, key, await observe(dns, [...questions, keyQuestion({ name })]));
}

test.each<[string, DnsRecord[][], boolean]>([
  ['a copy of it', [[copy]], true],
  ['a copy at each server', [[copy], [copy]], true],
  ['another key', [[other]], false],
  ['a copy beside another record', [[copy, other]], false],
  ['a copy at one server, another key at the next', [[copy], [other]], false],
  ['nothing', [[]], false],
  ['a CNAME to ours', [[cname(target)]], true],
  ['a CNAME to ours at one server, a copy at the next', [[cname(target)], [copy]], true],
  ['a CNAME elsewhere', [[cname('key.elsewhere.example')]], false],
  [
    'a copy at one server, a CNAME elsewhere at the next',
    [[copy], [cname('k.else.example')]],
    false,
  ],
])('a key is seen where the slot has %s: %s', async (_what, servers, isSeen) => {
  expect(await seen(...servers)).toBe(isSeen);
});
