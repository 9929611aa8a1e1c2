import { describe, expect, test } from 'vitest';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { bind } from '#shared/core/records/bind.ts';
import { csv } from '#shared/core/records/csv.ts';
import { presentSetsOf } from '#shared/core/records/present-sets.ts';
import { remainingChanges, type CheckedRecord } from '#shared/core/records/remaining-change.ts';
import { route53ChangeBatch } from '#shared/core/records/route53-export.ts';
import { changesNow } from '../../../../lambdas/domains/remaining-changes.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { FakeDns, type DnsRecord } from '../../../fakes/resolver.ts';

const claim = givenClaim();
const { domain } = claim;
const records = customerRecords(claim, { token: 'dG9rZW4=' }, deployment);
const valueOf = (id: string): string => records.find((record) => record.id === id)!.value!;

/** One record as a check left it, and the action for it in a zone of these records. */
async function actionFor(
  id: string,
  seen: Partial<CheckedRecord>,
  ...servers: readonly (readonly DnsRecord[])[]
) {
  const dns = new FakeDns();
  if (servers.length > 0) dns.zone(domain, ...servers);
  const record = records.find((one) => one.id === id)!;
  const checked = { ...record, status: 'missing', code: 'missing', observed: [], ...seen } as const;
  const [change] = await changesNow([checked], dns);
  return change?.change;
}

const txt = (name: string, value: string): DnsRecord => ({ name, type: 'TXT', value });
const apex = (value: string): DnsRecord => txt(domain, value);
const dmarcName = `_dmarc.${domain}`;
const cname = (name: string, value: string): DnsRecord => ({ name, type: 'CNAME', value });
const own = 'v=spf1 mx -all';

describe('what remains', () => {
  test.each(['ok', 'ok-external'] as const)(
    'has nothing that is %s, and asks nothing',
    async (status) => {
      const dns = new FakeDns();
      dns.zone(domain, []);
      const checked = records.map((record) => ({ ...record, status, code: null, observed: [] }));
      expect(await changesNow(checked, dns)).toEqual([]);
      expect(dns.asked).toEqual([]);
    },
  );

  test('has nothing that has become right since the check', async () => {
    const zone = [cname(`zero._domainkey.${domain}`, valueOf('dkim-zero')), apex(valueOf('spf'))];
    expect(await actionFor('dkim-zero', {}, zone)).toBeUndefined();
    expect(await actionFor('spf', {}, zone)).toBeUndefined();
  });

  test('SPF at a name that is itself a CNAME is left to the customer', async () => {
    const change = await actionFor('spf', {}, [cname(domain, 'pages.test')]);
    expect(change).toEqual({
      action: 'by-hand',
      why: 'example.com is a CNAME record to pages.test, which allows nothing beside it.',
    });
  });

  test('a TXT set keeps all its texts but the SPF record that the check saw', async () => {
    const seen = { status: 'wrong', code: 'spf-no-include', observed: [own] } as const;
    const zone = [apex('MS=ms1'), apex(own)];
    expect(await actionFor('spf', seen, zone)).toMatchObject({ action: 'add', replaced: [1] });
  });

  test.each([
    ['SPF that came after the check', 'spf', {}, [apex(own)]],
    ['a DMARC record that came after it', 'dmarc', {}, [txt(dmarcName, 'v=DMARC1; p=reject')]],
    [
      'SPF that changed after it',
      'spf',
      { status: 'wrong', code: 'spf-no-include', observed: ['v=spf1 a -all'] },
      [apex(own)],
    ],
  ] as const)('%s is not taken away', async (_, id, seen, zone) => {
    expect(await actionFor(id, seen, zone)).toMatchObject({
      action: 'by-hand',
      why: expect.stringContaining('is not what the last check saw'),
    });
  });

  test("a record of another provider's is not taken away", async () => {
    const seen = { status: 'wrong', code: 'other-provider', observed: ['k.other.test'] } as const;
    const zone = [cname(`zero._domainkey.${domain}`, 'k.other.test')];
    expect(await actionFor('dkim-zero', seen, zone)).toMatchObject({ action: 'by-hand' });
  });

  test('a CNAME of ours to the wrong target is changed', async () => {
    const target = valueOf('dkim-one');
    const seen = { status: 'wrong', code: 'other-slot', observed: [target] } as const;
    const zone = [cname(`zero._domainkey.${domain}`, target)];
    expect(await actionFor('dkim-zero', seen, zone)).toMatchObject({
      action: 'replace',
      present: { type: 'CNAME' },
    });
  });

  test('a CNAME does not come beside addresses', async () => {
    const zone: DnsRecord[] = [{ name: dmarcName, type: 'A', value: '192.0.2.1' }];
    expect(await actionFor('dmarc', {}, zone)).toMatchObject({
      action: 'by-hand',
      why: '_dmarc.example.com has A records, which a CNAME record allows none of.',
    });
  });

  test('what a wildcard answers is no record set, and is not deleted', async () => {
    const zone = [txt(`*.${domain}`, 'everywhere')];
    const seen = { status: 'missing', code: 'wildcard', observed: ['everywhere'] } as const;
    expect(await actionFor('dmarc', seen, zone)).toEqual({ action: 'create' });
  });

  test('where servers differ, or DNS is silent, nothing is put beside what may be there', async () => {
    const seen = { status: 'wrong', code: 'spf-no-include', observed: [own] } as const;
    expect(await actionFor('spf', seen, [apex(own)], [])).toMatchObject({ action: 'by-hand' });
    expect(await actionFor('spf', seen)).toMatchObject({ action: 'by-hand' });
    expect(await actionFor('spf', { status: 'unknown', code: 'no-answer' })).toMatchObject({
      action: 'by-hand',
    });
    expect(await actionFor('dkim-zero', { status: 'unknown', code: 'no-answer' })).toEqual({
      action: 'create',
    });
  });
});

test('a set whose TTL is not the same at every server is left out of a change batch', () => {
  const lookup = { outcome: 'ok', values: ['MS=ms1'], cnames: [] } as const;
  const present = presentSetsOf(
    new Map([
      [
        'TXT',
        [
          { ...lookup, ttl: 60 },
          { ...lookup, ttl: 59 },
        ],
      ],
    ] as const),
  );
  const spf = records.filter(({ id }) => id === 'spf');
  const changes = remainingChanges(
    spf.map((record) => ({ ...record, status: 'missing', code: 'missing', observed: [] })),
    new Map([[domain, present]]),
  );
  expect(route53ChangeBatch(domain, changes)).toEqual({
    Comment: 'DNS records for example.com; left to you: spf',
    Changes: [],
  });
  expect(bind(domain, changes)).toContain(`${domain}. IN TXT "${valueOf('spf')}"`);
});

test('csv has a line for each record, with quotes where RFC 4180 wants them', () => {
  const [record] = records;
  const hint = 'Create "it",\nplease.';
  const changes = remainingChanges([
    { ...record!, status: 'missing', code: 'missing', observed: [], hint },
  ]);
  expect(csv([{ domain, changes }])).toBe(
    [
      'domain,id,name,type,value,required,status,code,hint\r\n',
      `example.com,dkim-zero,zero._domainkey.example.com,CNAME,${record!.value},yes,missing,missing,`,
      '"Create ""it"",\nplease."\r\n',
    ].join(''),
  );
});
