import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { CLAIMS_PER_SHARD } from '#shared/core/records/capacity.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { MAX_UNVERIFIED_REPORTS } from '#shared/app/ports/report-store.ts';
import type { RotationRequest } from '#shared/app/ports/rotation-requests.ts';
import { earlierReportKey } from '#shared/core/reports/identity.ts';
import { MAX_MAIL_BYTES } from '#shared/core/reports/read-reports.ts';
import { ReporterUnknown } from '../../../../lambdas/reports/authenticate.ts';
import { decodeNotification } from '../../../../lambdas/reports/decode.ts';
import type { ReportEvent } from '../../../../lambdas/reports/events.ts';
import { receiveReport, type ReportPorts } from '../../../../lambdas/reports/receive.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryReportStore } from '../../../fakes/report-store.ts';
import { FakeDns } from '../../../fakes/resolver.ts';
import {
  base64Lines,
  givenMail,
  givenMultipart,
  givenXml,
  type GivenRow,
  zipOfFiles,
} from './given-mail.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const record = composeKeyRecord(
  pair.publicKey.export({ type: 'spki', format: 'der' }),
  'rsa-sha256',
);
const google = 'noreply-dmarc-support@google.com';
const now = new Date('2026-11-03T06:00:00.000Z');
const limits = { pendingPerTenant: 50, claimsPerShard: CLAIMS_PER_SHARD };

let claims: MemoryClaimStore;
let store: MemoryReportStore;
let rotationQueue: MemoryQueue<RotationRequest>;
let dns: FakeDns;
let mails: Map<string, Buffer | 'too-large'>;
let events: ReportEvent[];
let claim: Claim;

beforeEach(async () => {
  claims = new MemoryClaimStore();
  store = new MemoryReportStore();
  rotationQueue = new MemoryQueue<RotationRequest>();
  dns = new FakeDns();
  mails = new Map();
  events = [];
  for (const zone of ['google.com', 'yahoo.com', 'crook.example'])
    dns.zone(zone, [{ name: `k._domainkey.${zone}`, type: 'TXT', value: record }]);
  claim = givenClaim({ domain: 'shop.example' as DomainName });
  await claims.create(claim, limits);
});

const addressOf = (label: Label) => `${label}@reports.${deployment.zone}`;

interface Given {
  readonly from?: string;
  readonly xml?: string;
  readonly raw?: Buffer;
  /** The domain that signs it. */
  readonly signedBy?: string;
  /** Signs so many octets of the body only. */
  readonly part?: number;
  readonly to?: readonly string[];
  readonly spf?: string;
  readonly at?: Date;
  /** Seconds that the signer's clock is ahead. */
  readonly ahead?: number;
}

function mailOf({ from = google, xml = givenXml(), signedBy, part, ahead = 0 }: Given): Buffer {
  const raw = Buffer.from(
    [
      `From: Reports <${from}>`,
      'MIME-Version: 1.0',
      'Content-Type: application/gzip',
      'Content-Transfer-Encoding: base64',
      '',
      base64Lines(gzipSync(xml)),
      '',
    ].join('\r\n'),
  );
  if (signedBy === undefined) return raw;
  const profile = { ...sesProfile, backdateSeconds: 0 };
  const signer = { domain: signedBy, selector: 'k', key: pair.privateKey, profile };
  const message = parseMessage(raw);
  const signed =
    part === undefined ? message : { ...message, body: message.body.subarray(0, part) };
  const time = now.getTime() / 1_000 + ahead;
  return Buffer.concat([signMessage(signed, { ...signer, time }), raw]);
}

async function receive(given: Given = {}): Promise<void> {
  const key = `reports/${mails.size}`;
  mails.set(key, given.raw ?? mailOf(given));
  const ports: ReportPorts = {
    deployment,
    reporters: [google, 'noreply@dmarc.yahoo.com'],
    claims,
    mails: { get: async (wanted) => mails.get(wanted) },
    store,
    resolver: dns,
    rotationQueue,
    clock: { now: () => given.at ?? now },
    log: (event) => events.push(event),
  };
  const { spf } = given;
  const source = spf === undefined ? 'x@nowhere.example' : `bounce@${spf}`;
  const recipients = given.to ?? [addressOf(claim.label)];
  await receiveReport({ key, recipients, source, spfPassed: spf !== undefined }, ports);
}

const stored = () => store.read(claim.label, '2025-01-01', '2026-12-31');

describe('a report', () => {
  test('that its reporter signed is evidence of the day it is about', async () => {
    await receive({ signedBy: 'google.com', xml: givenXml([{ count: 7 }]) });
    expect(events).toEqual([
      {
        kind: 'counted',
        domain: 'shop.example',
        outcome: 'added',
        reporter: 'google.com',
        messages: 7,
        unreadableRows: 0,
      },
    ]);
    expect((await stored()).aggregates).toMatchObject([
      { day: '2026-11-02', reporter: 'google.com', reports: 1, groups: [{ messages: 7 }] },
    ]);
  });

  test('that its reporter sent by SPF is evidence too', async () => {
    await receive({ spf: 'google.com' });
    expect(events).toMatchObject([{ kind: 'counted', reporter: 'google.com' }]);
  });

  test.each<[string, Given]>([
    ['unsigned', {}],
    ['signed by somebody else', { signedBy: 'crook.example', spf: 'crook.example' }],
    ['from somebody else', { from: 'me@crook.example', signedBy: 'crook.example' }],
    ['from another address of the reporter', { from: 'drive@google.com', signedBy: 'google.com' }],
    // Text after the signed part could be anybody's report.
    ['whose signature covers a part of it', { signedBy: 'google.com', part: 0 }],
  ])('%s is unverified', async (_what, given) => {
    await receive(given);
    expect(events).toMatchObject([{ kind: 'counted', outcome: 'added', reporter: undefined }]);
    expect((await stored()).aggregates).toMatchObject([{ reporter: undefined, reports: 1 }]);
  });

  test('that was changed after it was signed is unverified', async () => {
    const raw = mailOf({ signedBy: 'google.com' });
    const other = mailOf({ xml: givenXml([{ count: 1_000 }]) });
    const header = raw.subarray(0, raw.indexOf('\r\n\r\n'));
    const body = other.subarray(other.indexOf('\r\n\r\n'));
    await receive({ raw: Buffer.concat([header, body]) });
    expect(events).toMatchObject([{ kind: 'counted', reporter: undefined }]);
  });

  test('waits where DNS does not answer for its key, and is evidence once it does', async () => {
    dns.silence('google.com');
    await expect(receive({ signedBy: 'google.com' })).rejects.toThrow(ReporterUnknown);
    expect((await stored()).aggregates).toEqual([]);
    dns.silence('google.com', false);
    await receive({ signedBy: 'google.com' });
    expect(events).toMatchObject([{ reporter: 'google.com' }]);
  });

  test('is counted once, however often it comes and by any mail', async () => {
    await receive({ signedBy: 'google.com' });
    await receive({ signedBy: 'google.com' });
    await receive({ spf: 'google.com' });
    expect(events.map((event) => event.kind === 'counted' && event.outcome)).toEqual([
      'added',
      'repeated',
      'repeated',
    ]);
    expect((await stored()).aggregates).toMatchObject([{ reports: 1, groups: [{ messages: 1 }] }]);
  });

  test('that was forged first does not keep the true one with its id out', async () => {
    await receive({ xml: givenXml([{ count: 9_999 }]) });
    await receive({ signedBy: 'google.com' });
    expect((await stored()).aggregates).toMatchObject([
      { reporter: undefined, groups: [{ messages: 9_999 }] },
      { reporter: 'google.com', groups: [{ messages: 1 }] },
    ]);
  });

  test('of a flood of unverified ones is dropped once the day is full', async () => {
    for (let n = 0; n <= MAX_UNVERIFIED_REPORTS; n += 1)
      await receive({ xml: givenXml([{}], `f${n}`) });
    expect(events.at(-1)).toMatchObject({ kind: 'counted', outcome: 'full' });
    await receive({ signedBy: 'google.com' });
    expect(events.at(-1)).toMatchObject({ outcome: 'added', reporter: 'google.com' });
  });
});

describe('who a report is for', () => {
  test('is known by the label in the address, in any case, among other recipients', async () => {
    const address = addressOf(claim.label).toUpperCase();
    await receive({ signedBy: 'google.com', to: ['postmaster@reports.sd.example.net', address] });
    expect(events).toMatchObject([{ kind: 'counted', outcome: 'added' }]);
  });

  test.each([
    ['no label', 'postmaster@reports.sd.example.net'],
    ['a label that never was', `${'a'.repeat(26)}@reports.sd.example.net`],
    ['another host', `${'a'.repeat(26)}@reports.example.net`],
  ])('mail to %s is dropped and counted', async (_what, address) => {
    await receive({ to: [address] });
    expect(events).toMatchObject([{ kind: 'dropped', recipients: [address] }]);
  });

  test('a retired claim still takes its reports; a claim that was never in use does not', async () => {
    await claims.retire(claim, { ...claim, version: 2, lifecycle: 'tombstone' });
    await receive({ signedBy: 'google.com' });
    expect(events).toMatchObject([{ kind: 'counted' }]);
    const other = givenClaim({ domain: 'unused.example' as DomainName });
    await claims.create(other, limits);
    await claims.retire(other, { ...other, version: 2, lifecycle: 'expired' });
    await receive({ signedBy: 'google.com', to: [addressOf(other.label)] });
    expect(events[1]).toMatchObject({ kind: 'dropped' });
  });

  test('a report about another domain is refused', async () => {
    const xml = givenXml().replaceAll('shop.example', 'other.example');
    await receive({ signedBy: 'google.com', xml });
    expect(events).toMatchObject([
      { kind: 'refused', reason: 'other-domain', reporter: 'google.com' },
    ]);
    expect((await stored()).refusals).toMatchObject([
      {
        day: '2026-11-03',
        counts: { 'other-domain': 1 },
        last: [
          { detail: 'The report is about other.example, not shop.example.', key: 'reports/0' },
        ],
      },
    ]);
  });

  test.each([
    ['that has not been yet', '2026-10-30T12:00:00Z'],
    ['too long ago', '2027-12-31T12:00:00Z'],
  ])('a report of a day %s is refused', async (_what, at) => {
    await receive({ at: new Date(at) });
    expect(events).toMatchObject([{ kind: 'refused', reason: 'out-of-date' }]);
  });
});

const counts = async () =>
  (await stored()).aggregates.map(({ day, groups }) => [
    day,
    groups.reduce((sum, { messages }) => sum + messages, 0),
  ]);

const attachments = (...xmls: readonly string[]): Buffer =>
  givenMultipart(...xmls.map((xml) => ({ content: gzipSync(xml) })));

describe('each report of a mail', () => {
  test('is counted by itself', async () => {
    await receive({
      raw: attachments(
        givenXml([{ count: 3 }], 'a'),
        givenXml([{ count: 4 }], 'b').replaceAll('shop.example', 'other.example'),
        givenXml([{ count: 5 }], 'c'),
      ),
      spf: 'reporter.example',
    });
    expect(events.map((event) => [event.kind, 'messages' in event && event.messages])).toEqual([
      ['counted', 3],
      ['counted', 5],
      ['refused', false],
    ]);
    expect(await counts()).toEqual([['2026-11-02', 8]]);
    expect((await stored()).refusals).toMatchObject([{ counts: { 'other-domain': 1 } }]);
  });

  test('in one zip is counted by itself', async () => {
    const content = zipOfFiles([
      { name: '1.xml', content: Buffer.from(givenXml([{ count: 3 }], 'a')) },
      { name: '2.xml', content: Buffer.from(givenXml([{ count: 4 }], 'b')) },
    ]);
    await receive({ raw: givenMail({ type: 'application/zip', content }) });
    expect(await counts()).toEqual([['2026-11-02', 7]]);
  });

  test('goes to the claim that it is about, and is refused to no other', async () => {
    const other = givenClaim({ domain: 'other.example' as DomainName });
    await claims.create(other, limits);
    await receive({
      to: [addressOf(claim.label), addressOf(other.label)],
      raw: attachments(givenXml([{ count: 3 }]), givenXml().replaceAll('shop.', 'other.')),
    });
    expect(events).toMatchObject([
      { kind: 'counted', domain: 'shop.example', messages: 3 },
      { kind: 'counted', domain: 'other.example', messages: 1 },
    ]);
  });

  test('is refused once, though the mail comes again since the store was busy', async () => {
    const add = store.add.bind(store);
    store.add = async () => {
      throw new Error('busy');
    };
    const raw = attachments('<html></html>', givenXml());
    const cut = attachments(givenXml(), givenXml([{ from: 'a' }]).replace('</feedback>', ''));
    await expect(receive({ raw: cut })).rejects.toThrow('busy');
    expect((await stored()).refusals).toEqual([]);
    store.add = add;
    await receive({ raw });
    expect((await stored()).refusals).toEqual([]);
    await receive({ raw: cut });
    expect((await stored()).refusals).toMatchObject([{ counts: { truncated: 1 } }]);
  });
});

describe('what a report is', () => {
  test('about a name below the domain is counted, under that name', async () => {
    const xml = givenXml([{ count: 6, from: 'news.shop.example' }]).replace(
      '<domain>shop.example</domain><p>',
      '<domain>news.shop.example</domain><p>',
    );
    await receive({ signedBy: 'google.com', xml });
    expect((await stored()).aggregates).toMatchObject([
      { groups: [{ scope: 'subdomain', policyDomain: 'news.shop.example', messages: 6 }] },
    ]);
    await receive({ xml: givenXml().replaceAll('shop.example', 'workshop.example') });
    expect(events.at(-1)).toMatchObject({ kind: 'refused', reason: 'other-domain' });
  });

  test('without an id is counted once', async () => {
    const xml = givenXml([{ count: 2 }]).replace('<report_id>1</report_id>', '');
    for (let time = 0; time < 2; time += 1) await receive({ signedBy: 'google.com', xml });
    await receive({ signedBy: 'google.com', xml: xml.replace('<count>2<', '<count>5<') });
    expect(await counts()).toEqual([['2026-11-02', 7]]);
  });

  test('with the same id on the same day but of other hours is another one', async () => {
    const morning = givenXml([{ count: 2 }]).replace('1793663999', '1793620799');
    const evening = givenXml([{ count: 3 }]).replace('1793577600', '1793620800');
    for (const xml of [morning, evening, morning]) await receive({ signedBy: 'google.com', xml });
    expect(await counts()).toEqual([['2026-11-02', 5]]);
    expect(events).toMatchObject([
      { outcome: 'added' },
      { outcome: 'added' },
      { outcome: 'repeated' },
    ]);
  });

  test('of four weeks is spread over its days, as a coarse one', async () => {
    const begin = Date.parse('2026-10-06T00:00:00Z') / 1_000;
    const xml = givenXml([{ count: 280 }]).replace('1793577600', `${begin}`);
    for (let time = 0; time < 2; time += 1) await receive({ signedBy: 'google.com', xml });
    const { aggregates } = await stored();
    expect(aggregates).toHaveLength(28);
    expect(new Set((await counts()).map(([, messages]) => messages))).toEqual(new Set([10]));
    for (const { coarseReports } of aggregates) expect(coarseReports).toHaveLength(1);
    expect(events).toMatchObject([{ outcome: 'added' }, { outcome: 'repeated' }]);
  });

  test('of four weeks that nobody proves counts for one day', async () => {
    const begin = Date.parse('2026-10-06T00:00:00Z') / 1_000;
    await receive({ xml: givenXml([{ count: 280 }]).replace('1793577600', `${begin}`) });
    expect(await counts()).toEqual([['2026-10-19', 280]]);
  });

  test('that version 0.2 counted is not counted again, whole or spread', async () => {
    const begin = Date.parse('2026-10-06T00:00:00Z') / 1_000;
    const weeks = givenXml([{ count: 280 }], 'weeks').replace('1793577600', `${begin}`);
    const earlier = { label: claim.label, reporter: 'google.com', earlierKey: undefined };
    for (const [reportId, day] of [
      ['weeks', '2026-10-19'],
      ['1', '2026-11-02'],
    ] as const)
      await store.add({
        ...earlier,
        day,
        key: earlierReportKey({ organization: 'reporter.example', reportId }),
        coarse: false,
        unreadableRows: 0,
        organization: 'reporter.example',
        groups: [],
      });
    for (const xml of [weeks, givenXml([{ count: 3 }])])
      await receive({ signedBy: 'google.com', xml });
    expect(events).toMatchObject([
      { kind: 'counted', outcome: 'counted-earlier' },
      { kind: 'counted', outcome: 'counted-earlier' },
    ]);
    expect(await counts()).toEqual([
      ['2026-10-19', 0],
      ['2026-11-02', 0],
    ]);
  });

  test('with rows that cannot be read says how many', async () => {
    const xml = givenXml([{ count: 2 }, { ip: 'nowhere' }, { ip: '[2001:db8::1]' }]);
    await receive({ signedBy: 'google.com', xml });
    expect(events).toMatchObject([{ messages: 3, unreadableRows: 1 }]);
    expect((await stored()).aggregates).toMatchObject([{ unreadableRows: 1 }]);
  });

  test.each([
    [3, 'google.com'],
    [300, 'google.com'],
    [301, undefined],
  ])('signed by a clock %i s ahead of ours is from %s', async (ahead, reporter) => {
    await receive({ signedBy: 'google.com', ahead });
    expect(events).toMatchObject([{ kind: 'counted', reporter }]);
  });
});

describe('mail without a readable report', () => {
  test('that is not in the bucket comes again', async () => {
    const get = mails.get.bind(mails);
    mails.get = () => undefined;
    await expect(receive()).rejects.toThrow(/reports\/0 is not in the bucket/);
    mails.get = get;
    await receive();
    expect(events).toHaveLength(1);
  });

  test('over the limit is recognised by its size in the bucket', async () => {
    mails.get = () => 'too-large';
    await receive();
    expect(events).toMatchObject([{ kind: 'refused', reason: 'mail-too-large' }]);
  });

  test('is refused with its reason, and with the reporter where it is proven', async () => {
    await receive({ signedBy: 'google.com', xml: '<html></html>' });
    await receive({ raw: Buffer.from('From: a@b.example\r\n\r\nhello') });
    expect(events).toMatchObject([
      { kind: 'refused', reason: 'not-a-report', reporter: 'google.com' },
      { kind: 'refused', reason: 'no-report', reporter: undefined },
    ]);
    expect((await stored()).refusals).toMatchObject([
      { counts: { 'not-a-report': 1, 'no-report': 1 } },
    ]);
  });

  test('over the limit, where it was read after all, is refused', async () => {
    await receive({ raw: Buffer.alloc(MAX_MAIL_BYTES + 1) });
    expect(events).toMatchObject([{ kind: 'refused', reason: 'mail-too-large' }]);
  });

  test('whose header has no end is refused, and not read again for signatures', async () => {
    await receive({ raw: Buffer.from('a:b\r\n'.repeat(400_000)) });
    expect(events).toMatchObject([{ kind: 'refused', reason: 'malformed-mail' }]);
  });
});

/** A domain whose second key has signed since the first of November. */
async function promoted(): Promise<void> {
  const [zero, one, two] = claim.keys;
  const keys = [
    {
      ...zero,
      state: 'previous',
      firstSignedAt: '2026-10-01T03:00:00Z',
      lastSignedAt: '2026-11-01T03:00:00Z',
    },
    { ...one, state: 'current', firstSignedAt: '2026-11-01T03:00:00Z' },
    two,
  ] as unknown as KeyRing;
  const next = { ...claim, keys, version: 2, status: 'verified' as const };
  await claims.update(claim, next);
  claim = next;
}

const rows = (selector: string, dkim: 'pass' | 'fail'): GivenRow[] => [
  { count: 40, selector, dkim, spf: 'pass' },
];

const reportOf = (reporter: 'google.com' | 'yahoo.com', day: number, row: readonly GivenRow[]) =>
  receive({
    from: reporter === 'google.com' ? google : 'noreply@dmarc.yahoo.com',
    signedBy: reporter,
    xml: givenXml(row, `${day}`)
      .replace('1793577600', String(1_793_577_600 + day * 86_400))
      .replace('1793663999', String(1_793_663_999 + day * 86_400)),
  });

describe('the new key watched', () => {
  test('has signing moved away where two reporters agree that it fails', async () => {
    await promoted();
    for (const reporter of ['google.com', 'yahoo.com'] as const) {
      await reportOf(reporter, -2, rows('zero', 'pass'));
      expect(rotationQueue.sent).toEqual([]);
      // Our own resolvers give no evidence either way.
      dns.zone('shop.example', []);
      dns.silence('shop.example');
      await reportOf(reporter, 0, rows('one', 'fail'));
      if (reporter === 'google.com') expect(rotationQueue.sent).toEqual([]);
    }
    const { shard, label, keys } = claim;
    expect(rotationQueue.take().map(({ request }) => request)).toEqual([
      { kind: 'mend', shard, label, unusable: keys[1].id },
    ]);
    expect((await stored()).flaggedKeys).toEqual([
      {
        day: '2026-11-03',
        at: now.toISOString(),
        selector: 'one',
        failed: 80,
        passed: 0,
        reporters: ['google.com', 'yahoo.com'],
      },
    ]);
    expect(events.at(-1)).toMatchObject({
      kind: 'key-failing',
      failure: { selector: 'one', failed: 80, reporters: ['google.com', 'yahoo.com'] },
    });
  });

  test('takes one reporter where our own resolvers see that the key is wrong', async () => {
    await promoted();
    const selector = `one._domainkey.shop.example`;
    await reportOf('google.com', -2, rows('zero', 'pass'));
    const right = `v=DKIM1; k=rsa; p=${claim.keys[1].publicKey}`;
    dns.zone('shop.example', [{ name: selector, type: 'TXT', value: right }]);
    await reportOf('google.com', 0, rows('one', 'fail'));
    expect(rotationQueue.sent).toEqual([]);
    dns.zone('shop.example', [{ name: selector, type: 'TXT', value: 'v=DKIM1; p=other' }]);
    await reportOf('google.com', -1, rows('one', 'fail'));
    expect(rotationQueue.sent).toHaveLength(1);
  });

  test('asks nothing of a key that passes, of unverified reports, or of a key that is not new', async () => {
    await receive({ xml: givenXml(rows('zero', 'fail')), signedBy: 'google.com' });
    await promoted();
    await reportOf('google.com', -2, rows('zero', 'pass'));
    await reportOf('google.com', 0, rows('one', 'pass'));
    await receive({ xml: givenXml(rows('one', 'fail'), 'forged') });
    expect(rotationQueue.sent).toEqual([]);
  });
});

describe('what SES says of a mail', () => {
  const notification = {
    notificationType: 'Received',
    mail: { source: 'bounce@google.com', messageId: 'm', destination: ['a@b'] },
    receipt: {
      recipients: ['a@reports.sd.example.net'],
      spfVerdict: { status: 'PASS' },
      action: { type: 'S3', bucketName: 'b', objectKey: 'reports/m', topicArn: 't' },
    },
  };

  test('is the mail’s key, its recipients, and the SPF result', () => {
    expect(decodeNotification(JSON.stringify(notification))).toEqual({
      key: 'reports/m',
      recipients: ['a@reports.sd.example.net'],
      source: 'bounce@google.com',
      spfPassed: true,
    });
    const { receipt } = notification;
    const gray = { ...notification, receipt: { ...receipt, spfVerdict: { status: 'GRAY' } } };
    expect(decodeNotification(JSON.stringify(gray)).spfPassed).toBe(false);
  });

  test('is refused where it is something else', () => {
    expect(() =>
      decodeNotification('{"notificationType":"AmazonSnsSubscriptionSucceeded"}'),
    ).toThrow(/not a notification of a received mail/);
  });
});
