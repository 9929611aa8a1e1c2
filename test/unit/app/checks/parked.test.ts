import { beforeEach, describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { noKeys } from '#shared/core/model/key-ring.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { bind } from '#shared/core/records/bind.ts';
import { route53ChangeBatch } from '#shared/core/records/route53-export.ts';
import { domainDocument } from '#shared/api/domain-document.ts';
import { changesNow } from '../../../../lambdas/domains/remaining-changes.ts';
import { deployment, givenTenant } from '../../../fakes/given-claim.ts';
import type { DnsRecord } from '../../../fakes/resolver.ts';
import { accepts, skipped, wholeZone } from '../../core/records/export-tools.ts';
import { copied, DAY, DOMAIN, viewOf, TestEnvironment } from './test-environment.ts';

const parked = { purpose: 'parked', keys: noKeys, dmarc: { p: 'reject', sp: 'reject' } } as const;
const dmarcName = `_dmarc.${DOMAIN}`;

let testEnvironment: TestEnvironment;
let claim: Claim;
beforeEach(async () => {
  testEnvironment = new TestEnvironment();
  claim = await testEnvironment.claim(parked);
});

const checked = async (of: Claim = claim) => {
  const { claim: now, result } = await testEnvironment.check(of);
  const codes = Object.fromEntries(
    (result?.records ?? []).map(({ id, status, code }) => [id, code ?? status]),
  );
  return { status: now.status, reason: now.statusReason?.reason, codes, claim: now, result };
};
const serve = (...records: readonly DnsRecord[]) => testEnvironment.dns.zone(DOMAIN, records);
const ours = (of = claim): DnsRecord[] => copied(of);

const cname = (name: string, value: string): DnsRecord => ({ name, type: 'CNAME', value });

/** What remains of the claim in a zone of these records. */
const changes = async (...records: readonly DnsRecord[]) => {
  serve(...records);
  const { claim: now, result } = await checked();
  const around = result === undefined ? {} : { result };
  const document = domainDocument(now, around, deployment, new Date(testEnvironment.now));
  return changesNow(document.records, testEnvironment.dns);
};

describe('a parked domain', () => {
  test('has three records: a redirect of SPF, the DMARC record and a null MX', () => {
    const at = `${claim.label}.${claim.shard}`;
    expect(customerRecords(claim, { token: 'x' }, deployment)).toMatchObject([
      { id: 'dmarc', name: dmarcName, type: 'CNAME', value: `_dmarc.${at}`, required: true },
      { id: 'spf', name: DOMAIN, type: 'TXT', value: `v=spf1 redirect=_spf.${at}` },
      { id: 'null-mx', name: DOMAIN, type: 'MX', value: '0 .' },
    ]);
    const hosted = hostedRecords(claim, deployment).map(({ values }) => values[0]);
    expect(hosted).toEqual([
      expect.stringMatching(/^v=DMARC1; p=reject; sp=reject; rua=mailto:/),
      'v=spf1 -all',
    ]);
  });

  test('is verified by them, asks SES for nothing, and never sends', async () => {
    serve(...ours());
    const { status, codes, claim: now } = await checked();
    expect([status, codes]).toEqual(['verified', { dmarc: 'ok', spf: 'ok', 'null-mx': 'ok' }]);
    expect(testEnvironment.identityQueue.sent).toEqual([]);
    expect(testEnvironment.rotationQueue.sent).toEqual([]);
    expect(await testEnvironment.maySign(claim)).toBe(false);
    const document = domainDocument(now, {}, deployment, new Date(testEnvironment.now));
    expect(document).toMatchObject({ purpose: 'parked', sending: 'none', dkim: { current: null } });
  });

  test.each<[string, DnsRecord[], Record<string, string>]>([
    [
      'lets nobody send by SPF of its own, and takes mail',
      [
        { name: DOMAIN, type: 'TXT', value: 'v=spf1 -all' },
        { name: DOMAIN, type: 'MX', value: '10 mx.test' },
      ],
      { spf: 'ok-external', 'null-mx': 'ok-external' },
    ],
    [
      'has SPF with senders',
      [{ name: DOMAIN, type: 'TXT', value: 'v=spf1 mx ~all' }],
      { spf: 'other-value', 'null-mx': 'missing' },
    ],
    [
      'has a null MX beside another',
      [
        { name: DOMAIN, type: 'MX', value: '0 .' },
        { name: DOMAIN, type: 'MX', value: '10 mx.test' },
      ],
      { spf: 'missing', 'null-mx': 'other-value' },
    ],
  ])('that %s', async (_, records, codes) => {
    serve(...records, ...ours().filter(({ name }) => name === dmarcName));
    expect(await checked()).toMatchObject({ status: 'verified', codes: { dmarc: 'ok', ...codes } });
  });

  test('is not proven by a DMARC record of its own, which is to be replaced', async () => {
    serve({ name: dmarcName, type: 'TXT', value: 'v=DMARC1; p=reject' });
    const { status, codes } = await checked();
    expect([status, codes['dmarc']]).toEqual(['pending', 'dmarc-own-record']);
  });

  test('is at risk when its DMARC record goes, with the reason, and lost after 7 days', async () => {
    serve(...ours());
    await checked();
    serve();
    expect(await checked()).toMatchObject({ status: 'at-risk', reason: 'missing' });
    testEnvironment.advance(7 * DAY);
    expect((await checked()).status).toBe('lost');
    expect(testEnvironment.rotationQueue.sent).toEqual([]);
  });

  test('stays verified while DNS is silent', async () => {
    serve(...ours());
    await checked();
    testEnvironment.dns.silence(DOMAIN);
    testEnvironment.advance(6 * DAY);
    expect((await checked()).status).toBe('verified');
  });
});

describe('whose a domain is', () => {
  test('no SPF record proves, which people copy from domain to domain', async () => {
    serve(...ours().filter(({ name }) => name !== dmarcName));
    expect((await checked()).status).toBe('pending');
  });

  test('no wildcard proves', async () => {
    serve(cname(`*.${DOMAIN}`, `_dmarc.${claim.label}.${claim.shard}`));
    expect((await checked()).status).toBe('pending');
  });

  test('no label of a claim of another domain proves', async () => {
    const other = await testEnvironment.claim({
      ...parked,
      tenant: givenTenant(),
      domain: 'other.com' as Claim['domain'],
    });
    serve(cname(dmarcName, `_dmarc.${other.label}.${other.shard}`));
    expect((await checked()).status).toBe('pending');
  });

  test('keys of a sending claim go before the DMARC record of a parked one', async () => {
    const sending = await testEnvironment.claim({ tenant: givenTenant() });
    await testEnvironment.identities.putView(viewOf(sending));
    const keys = ours(sending).filter(({ name }) => name.includes('_domainkey'));
    serve(...keys, ...ours().filter(({ name }) => name === dmarcName));
    expect((await checked()).status).toBe('pending');
    expect((await checked(sending)).status).toBe('verified');
    expect(await testEnvironment.maySign(sending)).toBe(true);
  });

  test('a parked claim takes over where the keys of the other are gone', async () => {
    const sending = await testEnvironment.claim({ tenant: givenTenant() });
    await testEnvironment.identities.putView(viewOf(sending));
    serve(...ours(sending));
    expect((await checked(sending)).status).toBe('verified');
    serve(...ours());
    expect(await checked(sending)).toMatchObject({ status: 'lost', reason: 'held-by-another' });
    expect((await checked()).status).toBe('verified');
    expect(await testEnvironment.maySign(sending)).toBe(false);
  });

  test('the DMARC record of a sending claim proves nothing', async () => {
    const sending = await testEnvironment.claim({ tenant: givenTenant() });
    serve(...ours(sending).filter(({ name }) => name === dmarcName));
    expect((await checked(sending)).status).toBe('pending');
    expect((await checked()).status).toBe('pending');
  });
});

describe('exports of a parked domain', () => {
  test('have the null MX as each format has it', async () => {
    const all = await changes();
    expect(bind(DOMAIN, all)).toContain(`${DOMAIN}. IN MX 0 .\n`);
    const zone = wholeZone(bind(DOMAIN, all));
    const loaded = accepts('named-checkzone', zone, '-i', 'none', DOMAIN, 'FILE');
    if (loaded === undefined) skipped('named-checkzone (bind9-utils)');
    else expect(loaded).toMatchObject({ status: 0 });
    const knot = accepts('kzonecheck', zone, '-o', DOMAIN, 'FILE');
    if (knot === undefined) skipped('kzonecheck (knot-dnssecutils)');
    else expect(knot).toMatchObject({ status: 0 });
    const { Changes } = route53ChangeBatch(DOMAIN, all);
    expect(Changes.map(({ ResourceRecordSet: set }) => set.ResourceRecords[0]?.Value)).toContain(
      '0 .',
    );
  });

  test('leave other MX records alone, and replace SPF beside texts that stay', async () => {
    const all = await changes(
      { name: DOMAIN, type: 'TXT', value: 'MS=ms1' },
      { name: DOMAIN, type: 'TXT', value: 'v=spf1 mx ~all' },
      { name: DOMAIN, type: 'MX', value: '0 .' },
      { name: DOMAIN, type: 'MX', value: '10 mx.test' },
    );
    const action = Object.fromEntries(all.map(({ record, change }) => [record.id, change.action]));
    expect(action).toEqual({ dmarc: 'create', spf: 'add', 'null-mx': 'by-hand' });
    const upsert = route53ChangeBatch(DOMAIN, all).Changes.find(
      ({ Action }) => Action === 'UPSERT',
    );
    expect(upsert?.ResourceRecordSet.ResourceRecords).toEqual([
      { Value: '"MS=ms1"' },
      { Value: `"v=spf1 redirect=_spf.${claim.label}.${claim.shard}"` },
    ]);
  });
});
