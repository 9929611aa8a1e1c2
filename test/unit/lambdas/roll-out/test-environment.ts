import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { composeKeyRecord } from '#shared/core/dkim/key-record.ts';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { CLAIMS_PER_SHARD } from '#shared/core/records/capacity.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { planRollOut, type RollOutRequest } from '#shared/core/dmarc/plan.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { hostedKeyName } from '#shared/core/records/kinds/dkim/names.ts';
import { hostedDmarcName, reportAddress } from '#shared/core/records/kinds/dmarc/hosted.ts';
import { type Day, daysAfter } from '#shared/core/reports/day.ts';
import { deliveredMessage } from '../../../../local/aws/ses-delivered.ts';
import { splitMessage } from '../../../../local/aws/ses-message.ts';
import type { ReportEvent } from '../../../../lambdas/reports/events.ts';
import { receiveReport, type ReportPorts } from '../../../../lambdas/reports/receive.ts';
import { evaluateRollOut, type RollOutEvent } from '../../../../lambdas/roll-out/evaluate.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { deployment, givenClaim } from '../../../fakes/given-claim.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';
import { MemoryReportStore } from '../../../fakes/report-store.ts';
import { FakeDns } from '../../../fakes/resolver.ts';
import { type ArrivingMail, Receiver, reportMail } from '../../../support/receiver.ts';
import { thresholds } from '../../core/dmarc/given-thresholds.ts';

export const domain = 'shop.example' as DomainName;

const reporters = [
  'noreply-dmarc-support@google.com',
  'dmarcreport@microsoft.com',
  'noreply@dmarc.yahoo.com',
];

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: string;
  readonly record: string;
}

function newPair(): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    privateKey,
    publicKey: der.toString('base64'),
    record: composeKeyRecord(der, 'rsa-sha256'),
  };
}

// Made once: RSA keys take their time.
const [ownKey, otherKey, espKey, sesKey, reporterKey] = Array.from({ length: 5 }, newPair) as [
  Pair,
  Pair,
  Pair,
  Pair,
  Pair,
];

/**
 * A domain with a plan, day by day: its mail by this service and another sender, receivers who
 * judge and report it, and strangers.
 */
export class TestEnvironment {
  readonly dns = new FakeDns();
  readonly claims = new MemoryClaimStore();
  readonly store = new MemoryReportStore();
  readonly rotationQueue = new MemoryQueue<never>();
  readonly reportEvents: ReportEvent[] = [];
  readonly rollOutEvents: RollOutEvent[] = [];
  readonly receivers: readonly Receiver[];
  /** True if the other sender's key is published in DNS. */
  espKeyPublished = true;
  /** The key that this service signs with; another one than is published is a broken one. */
  signingKey: KeyObject = ownKey.privateKey;
  readonly #key: Pick<Claim, 'tenant' | 'domain'>;
  readonly #mails = new Map<string, Buffer>();
  #now: number;

  private constructor(claim: Claim, start: Day) {
    this.#key = claim;
    this.#now = Date.parse(start);
    this.receivers = reporters.map(
      (address) =>
        new Receiver({ address, key: reporterKey.privateKey, selector: 'r1', resolver: this.dns }),
    );
  }

  /** @param policy what is in effect when the plan begins */
  static async begin(
    start: Day,
    request: RollOutRequest,
    policy: Claim['dmarc'] = { p: 'none', sp: 'none' },
  ): Promise<TestEnvironment> {
    const born = givenClaim({ domain, dmarc: policy, createdAt: `${start}T00:00:00.000Z` });
    const keys = born.keys.map((key) => ({
      ...key,
      publicKey: ownKey.publicKey,
    })) as unknown as KeyRing;
    const claim: Claim = { ...born, keys };
    const testEnvironment = new TestEnvironment(claim, start);
    await testEnvironment.claims.create(claim, {
      pendingPerTenant: 50,
      claimsPerShard: CLAIMS_PER_SHARD,
    });
    const { rollOut: _, policyHistory: __, ...rest } = claim;
    const planned = planRollOut(request, { dmarc: claim.dmarc }, `${start}T00:00:00.000Z`);
    await testEnvironment.claims.update(claim, {
      ...rest,
      ...planned,
      version: claim.version + 1,
      status: 'verified',
      verifiedAt: `${start}T00:00:00.000Z`,
    });
    await testEnvironment.publish();
    return testEnvironment;
  }

  get now(): Date {
    return new Date(this.#now);
  }

  async claim(): Promise<Claim> {
    const claim = await this.claims.get(this.#key);
    if (claim === undefined) throw new Error('the claim is gone');
    return claim;
  }

  async change(change: (claim: Claim) => Partial<Claim>): Promise<void> {
    const claim = await this.claim();
    await this.claims.update(claim, { ...claim, ...change(claim), version: claim.version + 1 });
  }

  /** Puts into DNS the claim's present hosted records, and those of the other senders. */
  async publish(): Promise<void> {
    const claim = await this.claim();
    this.dns.zone(
      claim.shard,
      hostedRecords(claim, deployment).flatMap(({ name, values }) =>
        values.map((value) => ({ name, type: 'TXT' as const, value })),
      ),
    );
    this.dns.zone(domain, [
      ...claim.keys.map(({ selector }) =>
        alias(`${selector}._domainkey`, hostedKeyName(claim, selector)),
      ),
      alias('_dmarc', hostedDmarcName(claim)),
      text(`bounces.${domain}`, `v=spf1 include:_mailfrom.${claim.label}.${claim.shard} ~all`),
      ...(this.espKeyPublished ? [text(`esp1._domainkey.${domain}`, espKey.record)] : []),
    ]);
    this.dns.zone('amazonses.com', [
      text('amazonses.com', 'v=spf1 ip4:198.51.100.0/24 -all'),
      text('s1._domainkey.amazonses.com', sesKey.record),
    ]);
    this.dns.zone('esp.example', [text('mail.esp.example', 'v=spf1 ip4:203.0.113.0/24 -all')]);
    this.dns.zone('crook.example', [text('crook.example', 'v=spf1 ip4:192.0.2.0/24 -all')]);
    for (const zone of ['google.com', 'microsoft.com', 'yahoo.com'])
      this.dns.zone(zone, [text(`r1._domainkey.${zone}`, reporterKey.record)]);
  }

  /** A mail of the domain by this service, as SES delivers it. */
  ownMail(from = `news@${domain}`): ArrivingMail {
    const raw = this.#signed(plainMail(from), 'zero', this.signingKey);
    const delivered = deliveredMessage(splitMessage(raw), {
      messageId: '0102',
      at: this.#now,
      region: 'eu-west-1',
      mailFromDomain: `bounces.${domain}`,
      dkim: { selector: 's1', privateKey: sesKey.privateKey },
    });
    return arriving(delivered, '198.51.100.17', `0102@bounces.${domain}`);
  }

  /** A mail of the domain by another sender that the customer uses. */
  espMail(): ArrivingMail {
    const raw = this.#signed(plainMail(`offers@${domain}`), 'esp1', espKey.privateKey);
    return arriving(raw, '203.0.113.10', 'bounce@mail.esp.example');
  }

  /** A mail that claims the domain, by a stranger. */
  spoofedMail(ip: string, mailFrom = 'x@crook.example', bogusSelector?: string): ArrivingMail {
    const raw = plainMail(`ceo@${domain}`);
    return arriving(
      bogusSelector === undefined ? raw : this.#signed(raw, bogusSelector, otherKey.privateKey),
      ip,
      mailFrom,
    );
  }

  #signed(raw: Buffer, selector: string, key: KeyObject): Buffer {
    const time = this.#now / 1_000;
    const field = signMessage(parseMessage(raw), {
      domain,
      selector,
      key,
      time,
      profile: sesProfile,
    });
    return Buffer.concat([field, raw]);
  }

  /** Each receiver takes a mail so many times. @returns what became of it at each */
  async deliver(mail: ArrivingMail, count: number, from = this.receivers): Promise<string[]> {
    return Promise.all(from.map((receiver) => receiver.receive(mail, this.now, count)));
  }

  /** Ends the day: its reports come in the next morning, and at noon the plan is evaluated. */
  async endDay(day: Day, extra: readonly { raw: Buffer; source: string }[] = []): Promise<void> {
    const { label } = await this.claim();
    const to = reportAddress(label, deployment).replace('mailto:', '');
    this.#now = Date.parse(`${daysAfter(day, 1)}T06:00:00Z`);
    const mails = this.receivers.flatMap((receiver) => {
      const raw = receiver.report(domain, day, to, this.now);
      return raw === undefined ? [] : [{ raw, source: `bounce@${receiver.domain}` }];
    });
    for (const mail of [...mails, ...extra]) await this.takeReport(mail.raw, mail.source, to);
    this.#now = Date.parse(`${daysAfter(day, 1)}T12:00:00Z`);
    await this.evaluate();
  }

  async evaluate(): Promise<void> {
    const at = this.now.toISOString();
    await evaluateRollOut(
      { ...this.#key, at },
      {
        deployment,
        claims: this.claims,
        reports: this.store,
        thresholds,
        log: (event) => this.rollOutEvents.push(event),
      },
    );
    await this.publish();
  }

  /** A report about the domain that says it is from Google, but is not. */
  forgedReport(day: Day, rows: string): { raw: Buffer; source: string } {
    const begin = Date.parse(day) / 1_000;
    const xml = `<feedback><report_metadata><org_name>google.com</org_name><report_id>${domain}.${begin}</report_id><date_range><begin>${begin}</begin><end>${begin + 86_399}</end></date_range></report_metadata><policy_published><domain>${domain}</domain></policy_published>${rows}</feedback>`;
    const [google = ''] = reporters;
    return { raw: reportMail(google, 'x', xml), source: 'x@crook.example' };
  }

  async takeReport(raw: Buffer, source: string, recipient: string): Promise<void> {
    const key = `reports/${this.#mails.size}`;
    this.#mails.set(key, raw);
    const ports: ReportPorts = {
      deployment,
      reporters,
      claims: this.claims,
      mails: { get: async (wanted) => this.#mails.get(wanted) },
      store: this.store,
      resolver: this.dns,
      rotationQueue: this.rotationQueue,
      clock: { now: () => this.now },
      log: (event) => this.reportEvents.push(event),
    };
    await receiveReport({ key, recipients: [recipient], source, spfPassed: false }, ports);
    this.#mails.delete(key);
  }
}

const text = (name: string, value: string) => ({ name, type: 'TXT' as const, value });

const alias = (name: string, value: string) => ({
  name: `${name}.${domain}`,
  type: 'CNAME' as const,
  value,
});

const arriving = (raw: Buffer, ip: string, mailFrom: string): ArrivingMail => ({
  raw,
  ip,
  mailFrom,
  helo: mailFrom.slice(mailFrom.indexOf('@') + 1),
});

const plainMail = (from: string): Buffer =>
  Buffer.from(
    [
      `From: ${from}`,
      'To: somebody@receiver.example',
      'Subject: News',
      'MIME-Version: 1.0',
      'Content-Type: text/plain',
      '',
      'Hello.',
      '',
    ].join('\r\n'),
  );
